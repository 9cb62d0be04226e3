package io.reverseetl.delta;

import io.reverseetl.storage.FolderStorage;
import io.reverseetl.table.SchemaMode;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The corpus through a storage: a quarter of the ranges, as Kernel and the rules are the same. */
class StoredChangesOracleTest extends DeltaChangesContract {
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

  @Override
  protected boolean reads(String name, SchemaMode mode, long from, long to) {
    return (from + to + mode.ordinal()) % 4 == 0;
  }
}
