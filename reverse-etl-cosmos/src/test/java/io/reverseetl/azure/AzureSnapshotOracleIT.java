package io.reverseetl.azure;

import io.reverseetl.delta.DeltaSnapshotContract;
import io.reverseetl.delta.DeltaTableSource;
import io.reverseetl.delta.DeltaTables;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The corpus in Azure storage: every version of every table. */
class AzureSnapshotOracleIT extends DeltaSnapshotContract {
  @TempDir static Path folder;
  private static TestLake lake;

  @BeforeAll
  static void openLake() {
    lake = TestLake.open();
  }

  @AfterAll
  static void closeLake() {
    if (lake != null) {
      lake.close();
    }
  }

  @Override
  protected String place(String name) {
    return lake.upload(DeltaTables.copy(name, folder), name);
  }

  @Override
  protected DeltaTableSource open(String uri) {
    return DeltaTableSource.builder(uri).storage(lake.storage()).build();
  }
}
