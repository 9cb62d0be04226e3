package io.reverseetl.azure;

import io.reverseetl.delta.DeltaSourceContract;
import io.reverseetl.delta.DeltaTableSource;
import io.reverseetl.table.TableSource;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract of table sources, for tables in Azure storage. */
class AzureDeltaSourceIT extends DeltaSourceContract {
  private static TestLake lake;
  private final String name = UUID.randomUUID().toString();

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
  protected TableSource open(Path local) {
    return DeltaTableSource.builder(lake.uri(name)).storage(lake.storage()).build();
  }

  @Override
  protected void publish(Path local) {
    lake.mirror(local, name);
  }
}
