package io.reverseetl.mapping;

import io.reverseetl.document.Document;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.table.Row;
import io.reverseetl.table.StructType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The ready-made mapper: a row becomes one document, a column becomes a property of the same name.
 *
 * <pre>{@code
 * DocumentMapper mapper =
 *     ColumnMapper.builder()
 *         .id("customer_id")
 *         .partitionKey("region")
 *         .rename("lifetime_value", "lifetimeValue")
 *         .longs(LongFormat.STRING)
 *         .build();
 * }</pre>
 *
 * <p>Nothing is rounded, trimmed or renamed silently: a value that JSON or Cosmos DB cannot hold
 * without loss fails with a {@link MappingException} that says which option helps. The JSON form of
 * every type is in {@code docs/type-mapping.md}.
 *
 * <p>Where a setter takes a column, it takes a dotted path into structs as well ({@code
 * "address.city"}); a column whose own name has dots is found first. Options for types also reach
 * into arrays and the values of maps, as if those were not there: {@code "items.price"}.
 *
 * <p>Immutable and thread-safe. What {@link #bind} returns is for one thread; bind once for many
 * rows, as {@link #map} on the unbound mapper binds at each call.
 */
public final class ColumnMapper implements DocumentMapper {
  private final MapperSettings settings;

  private ColumnMapper(MapperSettings settings) {
    this.settings = settings;
  }

  /**
   * A builder without id and partition key, which must be set.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public void map(Row row, Consumer<Document> documents) {
    bind(row.type()).map(row, documents);
  }

  /**
   * Finds the columns, once for rows of one schema.
   *
   * @param schema the columns of the rows to come: all of the table, or those of {@link #columns}
   * @return a mapper for one thread
   * @throws io.reverseetl.exceptions.ConfigurationException naming everything that does not fit:
   *     columns that are not there, types that cannot be ids or partition keys, properties that
   *     meet in one place or have a reserved name, options that say nothing about their column
   */
  @Override
  public DocumentMapper bind(StructType schema) {
    return new Planner(new Binding(settings, schema, false)).plan(this);
  }

  /**
   * The columns that the mapper reads: those that are written, and those of ids and keys; all if
   * there is a computed property. Checks the mapper against the table as {@link #bind} does, and
   * also that all excluded columns exist.
   *
   * @param tableSchema the columns of the table
   * @return the names; empty for all
   * @throws io.reverseetl.exceptions.ConfigurationException naming everything that does not fit
   */
  @Override
  public Optional<List<String>> columns(StructType tableSchema) {
    Binding binding = new Binding(settings, tableSchema, true);
    new Planner(binding).plan(this);
    List<String> needed = binding.needed();
    return needed.size() == tableSchema.size() ? Optional.empty() : Optional.of(needed);
  }

  @Override
  public List<String> partitionKeyPaths() {
    return settings.partitionKeyTargets().stream().map(PropertyPath::print).toList();
  }

  /**
   * Builds a {@link ColumnMapper}. Not thread-safe. {@link #id} and {@link #partitionKey} are
   * required; everything else has a default.
   */
  public static final class Builder {
    private List<String> id = List.of();
    private @Nullable IdFormat idFormat;
    private List<String> partitionKey = List.of();
    private final List<String> include = new ArrayList<>();
    private final List<String> exclude = new ArrayList<>();
    private final Map<String, String> renames = new LinkedHashMap<>();
    private final List<Added> added = new ArrayList<>();
    private ColumnOption<NullPolicy> nulls = ColumnOption.of("nulls", NullPolicy.WRITE);
    private ColumnOption<LongFormat> longs = ColumnOption.of("longs", LongFormat.NUMBER_EXACT);
    private ColumnOption<DecimalFormat> decimals =
        ColumnOption.of("decimals", DecimalFormat.NUMBER_EXACT);
    private ColumnOption<NonFiniteFormat> nonFinite =
        ColumnOption.of("nonFinite", NonFiniteFormat.FAIL);
    private ColumnOption<TimestampFormat> timestamps =
        ColumnOption.of("timestamps", TimestampFormat.ISO);
    private ColumnOption<DateFormat> dates = ColumnOption.of("dates", DateFormat.ISO);
    private ColumnOption<MapFormat> maps = ColumnOption.of("maps", MapFormat.AUTO);

    private Builder() {}

    /**
     * The columns that the document's id is made of; together they must be unique in the table.
     * Required. They stay in the document as fields, too, except for a single id column that itself
     * is called {@code id} (in any letter case) or renamed to {@code id}.
     *
     * @param columns one or more columns, or names of {@link #constant} and {@link #computed}
     *     properties, which go first; replaces what was set before
     * @return this builder
     */
    public Builder id(String... columns) {
      this.id = List.of(columns);
      return this;
    }

    /**
     * How the id is made of its columns.
     *
     * @param format default: {@link IdFormat#PLAIN} for one column, {@link IdFormat#ESCAPED} for
     *     several; PLAIN takes one column only, as a bare join would not keep ids apart
     * @return this builder
     */
    public Builder idFormat(IdFormat format) {
      this.idFormat = Objects.requireNonNull(format, "format");
      return this;
    }

    /**
     * The columns whose properties are the container's partition key, in the order of its levels.
     * Required. Text, booleans and whole numbers can be, and what is mapped as text. A null is a
     * null level, or an absent one, as the {@link NullPolicy} of the column says.
     *
     * @param columns one to three columns, or names of {@link #constant} and {@link #computed}
     *     properties, which go first, or {@code id} for the document's id; replaces what was set
     *     before
     * @return this builder
     */
    public Builder partitionKey(String... columns) {
      this.partitionKey = List.of(columns);
      return this;
    }

    /**
     * Only these columns become properties, and those of id and partition key. Default: all
     * columns, also those that the table gets later.
     *
     * @param columns columns or dotted paths; adds to what was named before
     * @return this builder
     */
    public Builder include(String... columns) {
      include.addAll(List.of(columns));
      return this;
    }

    /**
     * These columns do not become properties, even if they are included. Id columns may be named,
     * partition key columns may not. Default: none.
     *
     * @param columns columns or dotted paths; adds to what was named before
     * @return this builder
     */
    public Builder exclude(String... columns) {
      exclude.addAll(List.of(columns));
      return this;
    }

    /**
     * Gives a column another place in the document. {@code "total"} is a name; {@code
     * "price.total"} and {@code "/price/total"} are the property {@code total} of an object {@code
     * price}. With a slash at the beginning, dots are part of the names. Objects that are made so
     * are always written, even if they stay empty. A field moved out of its struct counts as null
     * where the struct is null; a struct all of whose fields are moved is not written.
     *
     * @param from a column, or a dotted path to a field of a struct, not inside an array or map
     * @param to a name, or a path; not inside a struct of the table, except for its own fields
     * @return this builder
     */
    public Builder rename(String from, String to) {
      renames.put(Objects.requireNonNull(from, "from"), Objects.requireNonNull(to, "to"));
      return this;
    }

    /**
     * Adds the same property to every document.
     *
     * @param name a name or path, as in {@link #rename}
     * @param value text, number, boolean, null, list or map; copied now; null is always written
     * @return this builder
     * @throws IllegalArgumentException if the value has no lossless JSON form
     */
    public Builder constant(String name, @Nullable Object value) {
      List<String> target = PropertyPath.parse(name);
      added.add(
          new Added.Constant(
              name, target, PlainJson.toText(value, name, target.size() + 1), value));
      return this;
    }

    /**
     * Adds a property that a function makes of the row. The same row must always give the same
     * value, so no clock and no random numbers. With a computed property all columns are read.
     *
     * @param name a name or path, as in {@link #rename}
     * @param function gives text, a number, a boolean, null, a list or a map, with the same rules
     *     against loss as columns have; must be thread-safe; called once for each row
     * @return this builder
     */
    public Builder computed(
        String name, Function<? super Row, ? extends @Nullable Object> function) {
      Objects.requireNonNull(function, "function");
      added.add(new Added.Computed(name, PropertyPath.parse(name), function));
      return this;
    }

    /**
     * What becomes of null columns and struct fields. Elements of arrays and values of maps are not
     * concerned: their nulls are written.
     *
     * @param policy default: {@link NullPolicy#WRITE}, as a column of a table is always there and
     *     Cosmos DB holds null and absent apart
     * @return this builder
     */
    public Builder nulls(NullPolicy policy) {
      nulls = nulls.withDefault(Objects.requireNonNull(policy, "policy"));
      return this;
    }

    /**
     * What becomes of nulls of one column and of the struct fields inside it.
     *
     * @param column a column, a dotted path, or the name of a computed property
     * @param policy the policy
     * @return this builder
     */
    public Builder nulls(String column, NullPolicy policy) {
      nulls = nulls.with(column, Objects.requireNonNull(policy, "policy"));
      return this;
    }

    /**
     * The form of LONG values, and of integers in VARIANT values.
     *
     * @param format default: {@link LongFormat#NUMBER_EXACT}
     * @return this builder
     */
    public Builder longs(LongFormat format) {
      longs = longs.withDefault(Objects.requireNonNull(format, "format"));
      return this;
    }

    /**
     * The form of LONG values in one column, and of integers in VARIANT values.
     *
     * @param column a column or dotted path
     * @param format the form
     * @return this builder
     */
    public Builder longs(String column, LongFormat format) {
      longs = longs.with(column, Objects.requireNonNull(format, "format"));
      return this;
    }

    /**
     * The form of DECIMAL values, and of fractions in VARIANT values.
     *
     * @param format default: {@link DecimalFormat#NUMBER_EXACT}
     * @return this builder
     */
    public Builder decimals(DecimalFormat format) {
      decimals = decimals.withDefault(Objects.requireNonNull(format, "format"));
      return this;
    }

    /**
     * The form of DECIMAL values in one column, and of fractions in VARIANT values.
     *
     * @param column a column or dotted path
     * @param format the form
     * @return this builder
     */
    public Builder decimals(String column, DecimalFormat format) {
      decimals = decimals.with(column, Objects.requireNonNull(format, "format"));
      return this;
    }

    /**
     * What becomes of NaN and the infinities.
     *
     * @param format default: {@link NonFiniteFormat#FAIL}
     * @return this builder
     */
    public Builder nonFinite(NonFiniteFormat format) {
      nonFinite = nonFinite.withDefault(Objects.requireNonNull(format, "format"));
      return this;
    }

    /**
     * What becomes of NaN and the infinities in one column.
     *
     * @param column a column or dotted path
     * @param format the form
     * @return this builder
     */
    public Builder nonFinite(String column, NonFiniteFormat format) {
      nonFinite = nonFinite.with(column, Objects.requireNonNull(format, "format"));
      return this;
    }

    /**
     * The form of TIMESTAMP values; TIMESTAMP_NTZ values are always ISO text without a zone.
     *
     * @param format default: {@link TimestampFormat#ISO}
     * @return this builder
     */
    public Builder timestamps(TimestampFormat format) {
      timestamps = timestamps.withDefault(Objects.requireNonNull(format, "format"));
      return this;
    }

    /**
     * The form of TIMESTAMP values in one column.
     *
     * @param column a column or dotted path
     * @param format the form
     * @return this builder
     */
    public Builder timestamps(String column, TimestampFormat format) {
      timestamps = timestamps.with(column, Objects.requireNonNull(format, "format"));
      return this;
    }

    /**
     * The form of DATE values.
     *
     * @param format default: {@link DateFormat#ISO}
     * @return this builder
     */
    public Builder dates(DateFormat format) {
      dates = dates.withDefault(Objects.requireNonNull(format, "format"));
      return this;
    }

    /**
     * The form of DATE values in one column.
     *
     * @param column a column or dotted path
     * @param format the form
     * @return this builder
     */
    public Builder dates(String column, DateFormat format) {
      dates = dates.with(column, Objects.requireNonNull(format, "format"));
      return this;
    }

    /**
     * The form of MAP values.
     *
     * @param format default: {@link MapFormat#AUTO}, an object for text keys, else entries
     * @return this builder
     */
    public Builder maps(MapFormat format) {
      maps = maps.withDefault(Objects.requireNonNull(format, "format"));
      return this;
    }

    /**
     * The form of MAP values in one column.
     *
     * @param column a column or dotted path
     * @param format the form
     * @return this builder
     */
    public Builder maps(String column, MapFormat format) {
      maps = maps.with(column, Objects.requireNonNull(format, "format"));
      return this;
    }

    /**
     * The mapper.
     *
     * @return an immutable mapper
     * @throws io.reverseetl.exceptions.ConfigurationException naming everything that is missing or
     *     wrong whatever the table is
     */
    public ColumnMapper build() {
      MapperSettings settings =
          new MapperSettings(
              id,
              idFormat,
              partitionKey,
              List.copyOf(include),
              List.copyOf(exclude),
              new LinkedHashMap<>(renames),
              List.copyOf(added),
              nulls,
              longs,
              decimals,
              nonFinite,
              timestamps,
              dates,
              maps);
      settings.check().throwIfAny("The column mapper is not complete");
      return new ColumnMapper(settings);
    }
  }
}
