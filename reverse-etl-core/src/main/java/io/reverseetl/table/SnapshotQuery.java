package io.reverseetl.table;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which version of a table to read, which columns and which rows. Immutable.
 *
 * <pre>{@code
 * SnapshotQuery.atVersion(7).columns(List.of("id", "price")).where(RowFilter.parse("price > 10"))
 * }</pre>
 */
public final class SnapshotQuery {
  private static final SnapshotQuery LATEST =
      new SnapshotQuery(null, null, SnapshotQuery::all, null);

  private final @Nullable Long version;
  private final @Nullable Instant timestamp;
  private final Function<StructType, Optional<List<String>>> columns;
  private final @Nullable RowFilter filter;

  private SnapshotQuery(
      @Nullable Long version,
      @Nullable Instant timestamp,
      Function<StructType, Optional<List<String>>> columns,
      @Nullable RowFilter filter) {
    this.version = version;
    this.timestamp = timestamp;
    this.columns = columns;
    this.filter = filter;
  }

  private static Optional<List<String>> all(StructType tableSchema) {
    return Optional.empty();
  }

  /**
   * The newest version, all columns, all rows.
   *
   * @return the query
   */
  public static SnapshotQuery latest() {
    return LATEST;
  }

  /**
   * A version by its number.
   *
   * @param version the commit version, from 0
   * @return the query
   * @throws IllegalArgumentException if the version is negative
   */
  public static SnapshotQuery atVersion(long version) {
    if (version < 0) {
      throw new IllegalArgumentException("A version is not negative, but was " + version + ".");
    }
    return new SnapshotQuery(version, null, SnapshotQuery::all, null);
  }

  /**
   * The version that was the newest at an instant. An instant before the first commit or after the
   * newest one is refused, as Spark does: at the former there is no version yet, and at the latter
   * more commits may still come.
   *
   * @param timestamp the instant
   * @return the query
   */
  public static SnapshotQuery atTimestamp(Instant timestamp) {
    return new SnapshotQuery(
        null, Objects.requireNonNull(timestamp, "timestamp"), SnapshotQuery::all, null);
  }

  /**
   * The same query for some columns only.
   *
   * @param names the columns' names, in the order wanted; default: all, in the table's order
   * @return a new query
   */
  public SnapshotQuery columns(List<String> names) {
    Optional<List<String>> chosen = Optional.of(List.copyOf(names));
    return columns(tableSchema -> chosen);
  }

  /**
   * The same query for columns that are chosen when the table's schema is known.
   *
   * @param choice gives the columns' names in the order wanted, or nothing for all; what it throws
   *     comes out of the opening of the snapshot
   * @return a new query
   */
  public SnapshotQuery columns(Function<StructType, Optional<List<String>>> choice) {
    return new SnapshotQuery(version, timestamp, Objects.requireNonNull(choice, "choice"), filter);
  }

  /**
   * The same query for some rows only. The filter may use columns that are not selected.
   *
   * @param rows what a row must meet; default: all rows
   * @return a new query
   */
  public SnapshotQuery where(RowFilter rows) {
    return new SnapshotQuery(version, timestamp, columns, Objects.requireNonNull(rows, "rows"));
  }

  /**
   * The version asked for.
   *
   * @return the version; empty for the newest or one by timestamp
   */
  public OptionalLong version() {
    return version == null ? OptionalLong.empty() : OptionalLong.of(version);
  }

  /**
   * The instant asked for.
   *
   * @return the instant; empty for the newest or one by number
   */
  public Optional<Instant> timestamp() {
    return Optional.ofNullable(timestamp);
  }

  /**
   * The columns asked for.
   *
   * @param tableSchema the columns of the table in the version
   * @return the names in order
   */
  public List<String> columnsOf(StructType tableSchema) {
    return columns.apply(tableSchema).orElseGet(tableSchema::names);
  }

  /**
   * What a row must meet.
   *
   * @return the filter; empty for all rows
   */
  public Optional<RowFilter> filter() {
    return Optional.ofNullable(filter);
  }
}
