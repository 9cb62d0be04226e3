package io.reverseetl.testing;

import io.reverseetl.table.TableSource;
import io.reverseetl.table.TableSourceContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

class InMemoryTableSourceTest extends TableSourceContract {
  private final ManualClock clock = new ManualClock(timeOf(0));
  private final InMemoryTableSource table = InMemoryTableSource.of(COLUMNS, clock, 3);

  @Override
  protected TableSource open() {
    return table;
  }

  @Override
  @SuppressWarnings("unchecked")
  protected void commit(List<TestChange> changes) {
    List<InMemoryTableSource.Change> made = new ArrayList<>();
    for (TestChange change : changes) {
      made.add(new InMemoryTableSource.Change(change.type(), table.row(change.row().values())));
    }
    table.commit(made);
    clock.advance(Duration.between(timeOf(0), timeOf(1)));
  }

  @Override
  protected void cleanBefore(long version) {
    table.forgetChangesBefore(version);
  }

  @Override
  protected void replace() {
    table.recreate();
  }
}
