package io.reverseetl.delta;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The corpus in local files. */
class DeltaSnapshotOracleTest extends DeltaSnapshotContract {
  @TempDir Path folder;

  @Override
  protected String place(String name) {
    return DeltaTables.copy(name, folder).toString();
  }

  @Override
  protected DeltaTableSource open(String uri) {
    return DeltaTableSource.open(uri);
  }
}
