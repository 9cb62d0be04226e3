package io.reverseetl.azure;

import io.reverseetl.delta.DeltaChangesContract;
import io.reverseetl.delta.DeltaTableSource;
import io.reverseetl.delta.DeltaTables;
import io.reverseetl.table.SchemaMode;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/**
 * The corpus in Azure storage: every range of every table. In a real account a sixth of them,
 * unless the environment variable {@code LAKE_CORPUS} is {@code all}: each takes many requests.
 */
class AzureChangesOracleIT extends DeltaChangesContract {
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

  @Override
  protected boolean reads(String name, SchemaMode mode, long from, long to) {
    return !lake.isAccount()
        || "all".equals(System.getenv("LAKE_CORPUS"))
        || (name.hashCode() + from + 2 * to + 3 * mode.ordinal()) % 6 == 0;
  }
}
