package io.reverseetl.delta;

import io.reverseetl.storage.FolderStorage;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The corpus through a storage. */
class StoredSnapshotOracleTest extends DeltaSnapshotContract {
  @TempDir Path folder;
  private FolderStorage storage;

  @BeforeEach
  void openStorage() {
    storage = new FolderStorage(folder);
  }

  @Override
  protected String place(String name) {
    return storage.uri(DeltaTables.copy(name, folder));
  }

  @Override
  protected DeltaTableSource open(String uri) {
    return DeltaTableSource.builder(uri).storage(storage).build();
  }
}
