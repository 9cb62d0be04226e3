package io.reverseetl.delta;

import io.reverseetl.table.TableSource;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The contract of table sources, for local files. */
class LocalDeltaSourceTest extends DeltaSourceContract {
  private final List<CountingStorage> storages = new CopyOnWriteArrayList<>();

  @Override
  protected TableSource open(Path local) {
    return DeltaTableSource.builder(local.toString())
        .storage(
            files -> {
              CountingStorage storage = new CountingStorage(files);
              storages.add(storage);
              return storage;
            })
        .build();
  }

  @Override
  protected void publish(Path local) {
    // It is read where it is made.
  }

  @Override
  protected int openFiles() {
    return storages.stream().mapToInt(CountingStorage::stillOpen).sum();
  }
}
