package io.reverseetl.testing;

import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.table.ChangeCursor;
import io.reverseetl.table.ChangeQuery;
import io.reverseetl.table.ChangeRetention;
import io.reverseetl.table.ChangeType;
import io.reverseetl.table.CommitSize;
import io.reverseetl.table.DivisibleTableSource;
import io.reverseetl.table.RetainingTableSource;
import io.reverseetl.table.RowChange;
import io.reverseetl.table.SchemaChange;
import io.reverseetl.table.SnapshotQuery;
import io.reverseetl.table.StructType;
import io.reverseetl.table.TableSnapshot;
import io.reverseetl.table.TableVersion;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A table in memory that a test commits to, for tests of pipelines without files. It keeps every
 * version. Thread-safe.
 *
 * <pre>{@code
 * InMemoryTableSource table = InMemoryTableSource.of(schema);
 * long first = table.commit(table.insert("7", "placed"), table.insert("8", "placed"));
 * long second = table.commit(table.update(table.row("7", "placed"), table.row("7", "sent")));
 * long third = table.commit(table.delete("8", "placed"));
 * }</pre>
 */
public final class InMemoryTableSource implements RetainingTableSource, DivisibleTableSource {

  /**
   * One row change of a commit.
   *
   * @param type what happened
   * @param row the row's values
   */
  public record Change(ChangeType type, InMemoryRow row) {}

  private record Version(
      Instant timestamp,
      List<Change> changes,
      List<InMemoryRow> rows,
      StructType schema,
      @Nullable SchemaChange schemaChange) {}

  private StructType schema;
  private final InstantSource clock;
  private final int rowsPerPart;
  private String tableId = UUID.randomUUID().toString();
  private final String uri = "memory:" + tableId;
  private long firstChanges;
  private Duration logRetention = Duration.ofDays(30);
  private Duration fileRetention = Duration.ofDays(7);
  private final List<Version> versions = new ArrayList<>();

  private InMemoryTableSource(StructType schema, InstantSource clock, int rowsPerPart) {
    this.schema = schema;
    this.clock = clock;
    this.rowsPerPart = rowsPerPart;
  }

  /**
   * A table without commits; the first commit is version 0. Its snapshots have parts of 1,000 rows.
   *
   * @param schema the columns
   * @return the table
   */
  public static InMemoryTableSource of(StructType schema) {
    return new InMemoryTableSource(schema, InstantSource.system(), 1_000);
  }

  /**
   * A table without commits.
   *
   * @param schema the columns
   * @param clock gives each commit its timestamp
   * @param rowsPerPart how many rows a part of a snapshot has, at least 1
   * @return the table
   */
  public static InMemoryTableSource of(StructType schema, InstantSource clock, int rowsPerPart) {
    if (rowsPerPart < 1) {
      throw new IllegalArgumentException("A part has at least 1 row, not " + rowsPerPart + ".");
    }
    return new InMemoryTableSource(schema, Objects.requireNonNull(clock, "clock"), rowsPerPart);
  }

  /**
   * A row of this table.
   *
   * @param values a value for each column, in order; see {@link InMemoryRow}
   * @return the row
   */
  public InMemoryRow row(@Nullable Object... values) {
    return InMemoryRow.of(schema, values);
  }

  /**
   * A new row, for {@link #commit}.
   *
   * @param values a value for each column, in order
   * @return the changes
   */
  public List<Change> insert(@Nullable Object... values) {
    return List.of(new Change(ChangeType.INSERT, row(values)));
  }

  /**
   * The end of a row, for {@link #commit}.
   *
   * @param values the row's values, as they are now
   * @return the changes
   */
  public List<Change> delete(@Nullable Object... values) {
    return List.of(new Change(ChangeType.DELETE, row(values)));
  }

  /**
   * A changed row, for {@link #commit}.
   *
   * @param before the row as it is now
   * @param after the row as it will be
   * @return the changes
   */
  public List<Change> update(InMemoryRow before, InMemoryRow after) {
    return List.of(
        new Change(ChangeType.UPDATE_PREIMAGE, before),
        new Change(ChangeType.UPDATE_POSTIMAGE, after));
  }

  /**
   * Commits.
   *
   * @param changes what {@link #insert}, {@link #delete} and {@link #update} gave
   * @return the new version
   * @throws IllegalArgumentException if a row that is deleted or updated is not in the table;
   *     nothing is committed then
   */
  @SafeVarargs
  public final synchronized long commit(List<Change>... changes) {
    List<InMemoryRow> rows =
        new ArrayList<>(versions.isEmpty() ? List.of() : versions.get(versions.size() - 1).rows());
    List<Change> all = new ArrayList<>();
    for (List<Change> group : changes) {
      for (Change change : group) {
        all.add(change);
        if (change.type().isLive()) {
          rows.add(change.row());
        } else if (!rows.remove(change.row())) {
          throw new IllegalArgumentException(
              "The table has no such row to " + change.type() + ": " + change.row() + ".");
        }
      }
    }
    versions.add(new Version(clock.instant(), List.copyOf(all), List.copyOf(rows), schema, null));
    return versions.size() - 1L;
  }

  /**
   * Commits a change of the columns and no change of a row, as {@code ALTER TABLE} does.
   *
   * @param columns the columns from now on, also of {@link #row}
   * @param changes what changed, as a change feed tells it
   * @param rows gives each row its values in the new columns
   * @return the new version
   */
  public synchronized long alter(
      StructType columns,
      List<SchemaChange.ColumnChange> changes,
      UnaryOperator<InMemoryRow> rows) {
    Version latest = versions.get(versions.size() - 1);
    SchemaChange change = new SchemaChange(versions.size(), schema, columns, changes);
    schema = columns;
    versions.add(
        new Version(
            clock.instant(),
            List.of(),
            latest.rows().stream().map(rows).toList(),
            columns,
            change));
    return versions.size() - 1L;
  }

  /**
   * Lets the changes of early commits be gone, as the cleaning of a log does.
   *
   * @param version the first commit whose changes are still there
   */
  public synchronized void forgetChangesBefore(long version) {
    firstChanges = version;
  }

  /**
   * Lets the table promise to keep its changes for so long. It forgets none by itself.
   *
   * @param log how long its log; 30 days unless set
   * @param files how long its files; 7 days unless set
   */
  public synchronized void retention(Duration log, Duration files) {
    logRetention = Objects.requireNonNull(log, "log");
    fileRetention = Objects.requireNonNull(files, "files");
  }

  @Override
  public synchronized ChangeRetention retention(long known) {
    long newest = newestVersion(known);
    if (known + 1 < firstChanges) {
      throw cleaned();
    }
    return new ChangeRetention(
        known < newest ? Optional.of(versions.get((int) known + 1).timestamp()) : Optional.empty(),
        logRetention,
        fileRetention);
  }

  @Override
  public synchronized long earliestChanges() {
    return firstChanges;
  }

  private ChangesUnavailableException cleaned() {
    return new ChangesUnavailableException(
        ChangesUnavailableException.Reason.HISTORY_CLEANED,
        firstChanges,
        "Table " + uri + " keeps changes from version " + firstChanges + " on. Load it again.");
  }

  /** Lets the table be another one at the same place, with the same commits. */
  public synchronized void recreate() {
    tableId = UUID.randomUUID().toString();
  }

  @Override
  public synchronized TableVersion latestVersion() {
    if (versions.isEmpty()) {
      throw new TableReadException(
          TableReadException.Reason.TABLE_NOT_FOUND,
          "Table " + uri + " has no commit yet. Commit to it first.");
    }
    return version(versions.size() - 1L);
  }

  private TableVersion version(long number) {
    return new TableVersion(uri, tableId, number, versions.get((int) number).timestamp());
  }

  @Override
  public synchronized TableSnapshot openSnapshot(SnapshotQuery query) {
    TableVersion latest = latestVersion();
    long number = query.version().orElse(latest.version());
    if (query.timestamp().isPresent()) {
      number = query.timestamp().get().isAfter(latest.timestamp()) ? -1 : latest.version();
      while (number >= 0 && version(number).timestamp().isAfter(query.timestamp().get())) {
        number--;
      }
    }
    if (number < 0 || number > latest.version()) {
      throw new TableReadException(
          TableReadException.Reason.VERSION_NOT_FOUND,
          "Table "
              + uri
              + " has versions 0 to "
              + latest.version()
              + ", not the one asked for. Ask for one of these.");
    }
    return new InMemoryTableSnapshot(
        version(number),
        versions.get((int) number).schema(),
        versions.get((int) number).rows(),
        query,
        rowsPerPart);
  }

  @Override
  public synchronized long newestVersion(long known) {
    long newest = versions.size() - 1L;
    if (newest < known) {
      throw new ChangesUnavailableException(
          ChangesUnavailableException.Reason.TABLE_REPLACED,
          newest,
          "Table " + uri + " has no version " + known + "; its newest is " + newest + ".");
    }
    return newest;
  }

  @Override
  public synchronized ChangeCursor openChanges(ChangeQuery query) {
    long last = checked(query);
    List<RowChange> changes = new ArrayList<>();
    List<SchemaChange> schemaChanges = new ArrayList<>();
    for (long number = query.fromVersion(); number <= last; number++) {
      Version version = versions.get((int) number);
      if (version.schemaChange() != null) {
        schemaChanges.add(version.schemaChange());
      }
      for (int i = query.share(); i < version.changes().size(); i += query.shares()) {
        Change change = version.changes().get(i);
        changes.add(RowChange.of(change.type(), change.row(), number, version.timestamp()));
      }
    }
    return new InMemoryChangeCursor(
        query.fromVersion(), last, changes, schemaChanges, query.schemaListener());
  }

  /** {@inheritDoc} Each row change is a part, and counts as one byte. */
  @Override
  public synchronized List<CommitSize> commits(ChangeQuery query) {
    long last = checked(query);
    List<CommitSize> commits = new ArrayList<>();
    for (long number = query.fromVersion(); number <= last; number++) {
      Version version = versions.get((int) number);
      int rows = version.changes().size();
      commits.add(
          new CommitSize(
              number,
              rows,
              rows,
              Optional.empty(),
              Optional.ofNullable(version.schemaChange()),
              rows == 0 ? Optional.empty() : Optional.of(version.schema())));
    }
    return commits;
  }

  /** The last commit of a range that can be read. */
  private long checked(ChangeQuery query) {
    long newest = versions.size() - 1L;
    if (newest < query.fromVersion() - 1 && query.tableId().isEmpty()) {
      throw new ChangesUnavailableException(
          ChangesUnavailableException.Reason.BEYOND_LATEST,
          newest,
          "Table " + uri + " has versions up to " + newest + ". Read from the next one at most.");
    }
    newestVersion(query.fromVersion() - 1);
    if (query.tableId().isPresent() && !query.tableId().get().equals(tableId)) {
      throw new ChangesUnavailableException(
          ChangesUnavailableException.Reason.TABLE_REPLACED,
          null,
          "Table " + uri + " is not the one that the pipeline began with. Load it again.");
    }
    long last = Math.min(newest, query.toVersion().orElse(newest));
    if (query.fromVersion() < firstChanges) {
      throw cleaned();
    }
    return last;
  }

  @Override
  public void close() {
    // The table lives as long as the test holds it.
  }
}
