package io.reverseetl.delta;

import io.delta.kernel.Table;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructType;
import io.reverseetl.table.ChangeType;
import io.reverseetl.table.TableSource;
import io.reverseetl.table.TableSourceContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.io.TempDir;

/**
 * The contract of table sources for Delta tables, wherever they are. The table is made in a local
 * folder; subclasses say how it is read from where they have it.
 */
public abstract class DeltaSourceContract extends TableSourceContract {
  private static final StructType SCHEMA =
      new StructType()
          .add("id", StringType.STRING, false)
          .add("region", StringType.STRING, true)
          .add("n", LongType.LONG, true);
  private static final String PROTOCOL =
      "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":7,"
          + "\"writerFeatures\":[\"changeDataFeed\",\"inCommitTimestamp\"]}}";

  @TempDir Path folder;

  private HandMadeTable table;
  private final List<List<TestChange>> commits = new ArrayList<>();

  /** The rows of each data file of the newest version. */
  private final Map<String, List<TestRow>> files = new LinkedHashMap<>();

  /** For subclasses. */
  protected DeltaSourceContract() {}

  /**
   * Opens the table.
   *
   * @param local the local folder with the table, which may not be there
   * @return the source
   */
  protected abstract TableSource open(Path local);

  /**
   * Brings what changed to where the table is read.
   *
   * @param local the local folder with the table
   */
  protected abstract void publish(Path local);

  private Path local() {
    return folder.resolve("table");
  }

  @Override
  protected final TableSource open() {
    return open(local());
  }

  @Override
  protected final void commit(List<TestChange> changes) {
    write(changes);
    publish(local());
  }

  private void write(List<TestChange> changes) {
    commits.add(changes);
    List<String> lines = new ArrayList<>();
    long version = commits.size() - 1L;
    lines.add(
        HandMadeTable.commitInfo(
            Map.of(
                "inCommitTimestamp",
                timeOf(version).toEpochMilli(),
                "timestamp",
                1,
                "operation",
                "WRITE",
                "operationParameters",
                Map.of())));
    if (version == 0) {
      table = new HandMadeTable(local(), SCHEMA).property("delta.enableInCommitTimestamps", "true");
      lines.add(PROTOCOL);
      lines.add(table.metadata());
    }
    List<TestRow> inserted =
        changes.stream()
            .filter(change -> change.type() == ChangeType.INSERT)
            .map(TestChange::row)
            .toList();
    List<TestChange> others =
        changes.stream().filter(change -> change.type() != ChangeType.INSERT).toList();
    if (!others.isEmpty()) {
      lines.add(table.cdc(table.writeChanges(typed(changes))).toString());
      rewrite(others, lines);
    }
    if (!inserted.isEmpty()) {
      add(inserted, lines);
    }
    table.commit(lines.toArray(String[]::new));
  }

  /** As copy-on-write does: a file with a row that changes is written anew. */
  private void rewrite(List<TestChange> changes, List<String> lines) {
    for (String file : List.copyOf(files.keySet())) {
      List<TestRow> rows = new ArrayList<>(files.get(file));
      for (int i = 0; i < changes.size(); i++) {
        TestChange change = changes.get(i);
        int at = rows.indexOf(change.row());
        if (at < 0) {
          continue;
        }
        if (change.type() == ChangeType.UPDATE_PREIMAGE) {
          rows.set(at, changes.get(i + 1).row());
        } else if (change.type() == ChangeType.DELETE) {
          rows.remove(at);
        }
      }
      if (!rows.equals(files.get(file))) {
        lines.add(table.remove(file).toString());
        files.remove(file);
        if (!rows.isEmpty()) {
          add(rows, lines);
        }
      }
    }
  }

  private void add(List<TestRow> rows, List<String> lines) {
    String file = table.write(rows.stream().map(TestRow::values).toArray(Object[][]::new));
    files.put(file, rows);
    lines.add(table.add(file).toString());
  }

  private static Object[][] typed(List<TestChange> changes) {
    return changes.stream()
        .map(
            change ->
                new Object[] {
                  change.type().name().toLowerCase(Locale.ROOT),
                  change.row().id(),
                  change.row().region(),
                  change.row().n()
                })
        .toArray(Object[][]::new);
  }

  @Override
  protected final void cleanBefore(long version) {
    Engine engine = DefaultEngine.create(new Configuration());
    try {
      Table.forPath(engine, local().toString()).checkpoint(engine, version);
      for (long old = 0; old < version; old++) {
        Files.delete(table.commitFile(old));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    publish(local());
  }

  @Override
  protected final void replace() {
    try (Stream<Path> all = Files.walk(local())) {
      for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<List<TestChange>> same = List.copyOf(commits);
    commits.clear();
    files.clear();
    same.forEach(this::write);
    publish(local());
  }
}
