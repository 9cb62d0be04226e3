package io.reverseetl.delta;

import io.reverseetl.storage.FolderStorage;
import io.reverseetl.table.ChangeQuery;
import io.reverseetl.table.SnapshotQuery;
import java.nio.file.Path;

/**
 * Reads a table, as local files or through a storage, and prints how many rows and changes it has.
 */
final class StorageProcess {
  private StorageProcess() {}

  public static void main(String[] args) {
    Path table = Path.of(args[0]);
    FolderStorage storage = new FolderStorage(table.getParent());
    try (DeltaTableSource source =
        args[1].equals("local")
            ? DeltaTableSource.open(table.toString())
            : DeltaTableSource.builder(storage.uri(table)).storage(storage).build()) {
      System.out.println(
          Tables.rows(source, SnapshotQuery.latest()).size()
              + " rows, "
              + ChangeLines.read(source, ChangeQuery.from(1)).size()
              + " changes");
    }
  }
}
