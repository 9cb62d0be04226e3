package io.reverseetl.table;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which row changes to read, and how. Immutable.
 *
 * <pre>{@code
 * ChangeQuery.from(12).to(40).schemaMode(SchemaMode.PER_COMMIT)
 * }</pre>
 */
public final class ChangeQuery {
  private final long fromVersion;
  private final @Nullable Long toVersion;
  private final SchemaMode schemaMode;
  private final ChangeMethod method;
  private final List<String> keys;
  private final @Nullable String tableId;
  private final Consumer<SchemaChange> schemaListener;
  private final int share;
  private final int shares;

  private ChangeQuery(
      long fromVersion,
      @Nullable Long toVersion,
      SchemaMode schemaMode,
      ChangeMethod method,
      List<String> keys,
      @Nullable String tableId,
      Consumer<SchemaChange> schemaListener,
      int share,
      int shares) {
    this.fromVersion = fromVersion;
    this.toVersion = toVersion;
    this.schemaMode = schemaMode;
    this.method = method;
    this.keys = keys;
    this.tableId = tableId;
    this.schemaListener = schemaListener;
    this.share = share;
    this.shares = shares;
  }

  /**
   * The changes from a commit on, by the table's change data feed and in strict schema mode.
   *
   * @param version the first commit, from 0
   * @return the query
   * @throws IllegalArgumentException if the version is negative
   */
  public static ChangeQuery from(long version) {
    if (version < 0) {
      throw new IllegalArgumentException("A version is not negative, but was " + version + ".");
    }
    return new ChangeQuery(
        version, null, SchemaMode.STRICT, ChangeMethod.FEED, List.of(), null, change -> {}, 0, 1);
  }

  /**
   * The same query up to a commit.
   *
   * @param version the last commit, included; a later one than the newest is cut to the newest.
   *     Default: the newest
   * @return a new query
   * @throws IllegalArgumentException if the version is below the first
   */
  public ChangeQuery to(long version) {
    if (version < fromVersion) {
      throw new IllegalArgumentException(
          "The last version is not below the first, but "
              + version
              + " is below "
              + fromVersion
              + ".");
    }
    return new ChangeQuery(
        fromVersion, version, schemaMode, method, keys, tableId, schemaListener, share, shares);
  }

  /**
   * The same query in a schema mode.
   *
   * @param mode the mode; default: {@link SchemaMode#STRICT}
   * @return a new query
   */
  public ChangeQuery schemaMode(SchemaMode mode) {
    return new ChangeQuery(
        fromVersion,
        toVersion,
        Objects.requireNonNull(mode, "mode"),
        method,
        keys,
        tableId,
        schemaListener,
        share,
        shares);
  }

  /**
   * The same query by a method.
   *
   * @param how the method; default: {@link ChangeMethod#FEED}
   * @return a new query
   */
  public ChangeQuery method(ChangeMethod how) {
    return new ChangeQuery(
        fromVersion,
        toVersion,
        schemaMode,
        Objects.requireNonNull(how, "how"),
        keys,
        tableId,
        schemaListener,
        share,
        shares);
  }

  /**
   * The same query for a table whose rows have a key. With {@link ChangeMethod#DIFF} a delete and
   * an insert of one key in one commit then become an update's preimage and postimage.
   *
   * @param columns the key's columns; default: none
   * @return a new query
   */
  public ChangeQuery keys(List<String> columns) {
    return new ChangeQuery(
        fromVersion,
        toVersion,
        schemaMode,
        method,
        List.copyOf(columns),
        tableId,
        schemaListener,
        share,
        shares);
  }

  /**
   * The same query for a certain table: if another one was created at the same place, it is refused
   * as replaced.
   *
   * @param id the table's identity, as {@link TableVersion#tableId} gave it; default: any
   * @return a new query
   */
  public ChangeQuery tableId(String id) {
    return new ChangeQuery(
        fromVersion,
        toVersion,
        schemaMode,
        method,
        keys,
        Objects.requireNonNull(id, "id"),
        schemaListener,
        share,
        shares);
  }

  /**
   * The same query with a listener to changes of the schema. It is called by the thread that
   * advances the cursor, before the first row with the new schema is given, and before the cursor
   * ends if no row has it.
   *
   * @param listener the listener; default: none
   * @return a new query
   */
  public ChangeQuery onSchemaChange(Consumer<SchemaChange> listener) {
    return new ChangeQuery(
        fromVersion,
        toVersion,
        schemaMode,
        method,
        keys,
        tableId,
        Objects.requireNonNull(listener, "listener"),
        share,
        shares);
  }

  /**
   * The same query for one share of each commit's changes. All shares together give each change
   * once. What a source cannot divide is in the first one; a source that is no {@link
   * DivisibleTableSource} need not look at this.
   *
   * @param number which share, from 0
   * @param count how many there are, at least 1; default: 1
   * @return a new query
   * @throws IllegalArgumentException if there is no such share
   */
  public ChangeQuery share(int number, int count) {
    if (number < 0 || number >= count) {
      throw new IllegalArgumentException(
          "There is no share " + number + " of " + count + "; they count from 0.");
    }
    return new ChangeQuery(
        fromVersion, toVersion, schemaMode, method, keys, tableId, schemaListener, number, count);
  }

  /**
   * The first commit.
   *
   * @return a version, from 0
   */
  public long fromVersion() {
    return fromVersion;
  }

  /**
   * The last commit.
   *
   * @return a version; empty for the newest
   */
  public OptionalLong toVersion() {
    return toVersion == null ? OptionalLong.empty() : OptionalLong.of(toVersion);
  }

  /**
   * The schema mode.
   *
   * @return the mode
   */
  public SchemaMode schemaMode() {
    return schemaMode;
  }

  /**
   * The method.
   *
   * @return the method
   */
  public ChangeMethod method() {
    return method;
  }

  /**
   * The key's columns.
   *
   * @return an immutable list; empty without a key
   */
  public List<String> keys() {
    return keys;
  }

  /**
   * Which table it must be.
   *
   * @return the table's identity; empty for any
   */
  public Optional<String> tableId() {
    return Optional.ofNullable(tableId);
  }

  /**
   * Who is told of changes of the schema.
   *
   * @return the listener
   */
  public Consumer<SchemaChange> schemaListener() {
    return schemaListener;
  }

  /**
   * Which share of each commit's changes.
   *
   * @return its number, from 0
   */
  public int share() {
    return share;
  }

  /**
   * How many shares there are.
   *
   * @return at least 1
   */
  public int shares() {
    return shares;
  }
}
