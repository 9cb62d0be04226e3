package io.reverseetl.storage;

import java.io.IOException;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** Does what another storage does, for tests that change some of it. */
public class ForwardingStorage implements LakeStorage {
  private final LakeStorage storage;

  /**
   * Over another storage.
   *
   * @param storage the other
   */
  public ForwardingStorage(LakeStorage storage) {
    this.storage = storage;
  }

  @Override
  public String resolve(String uri) {
    return storage.resolve(uri);
  }

  @Override
  public Iterator<StoredFile> listFrom(String path) throws IOException {
    return storage.listFrom(path);
  }

  @Override
  public StoredFile find(String path) throws IOException {
    return storage.find(path);
  }

  @Override
  public StoredRange read(String path, long offset, int length, @Nullable String state)
      throws IOException {
    return storage.read(path, offset, length, state);
  }
}
