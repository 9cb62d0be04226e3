package io.reverseetl.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class FolderStorageTest extends LakeStorageContract {
  @TempDir Path folder;

  @Override
  protected LakeStorage storage() {
    return new FolderStorage(folder);
  }

  @Override
  protected String folder() {
    return "lake://test/base";
  }

  @Override
  protected void write(String path, byte[] bytes) throws IOException {
    Path file = folder.resolve("base").resolve(path);
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
  }
}
