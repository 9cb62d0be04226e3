package io.reverseetl.mapping;

import io.reverseetl.document.Document;
import io.reverseetl.mapping.AddedWriters.ComputedTtlWriter;
import io.reverseetl.mapping.AddedWriters.ComputedWriter;
import io.reverseetl.mapping.AddedWriters.ConstantWriter;
import io.reverseetl.mapping.AddedWriters.IdWriter;
import io.reverseetl.mapping.AddedWriters.TtlWriter;
import io.reverseetl.mapping.NestedWriters.FieldWriter;
import io.reverseetl.table.DataType;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.StructType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Plans the document of a schema's rows, and makes the mapper that writes it. */
final class Planner {
  private static final List<String> TTL = List.of("ttl");
  private static final Set<String> RESERVED =
      Set.of("_rid", "_self", "_etag", "_ts", "_attachments", Document.SOURCE_VERSION);

  private final Binding binding;
  private final MapperSettings settings;
  private final StructType schema;
  private final Placement placement;
  private final Problems problems;
  private final DocumentLayout layout;
  private final WriterCompiler compiler;
  private final ComputedValues computed = new ComputedValues();
  private final Map<String, IdPart.ValueSource> addedSources = new HashMap<>();

  Planner(Binding binding) {
    this.binding = binding;
    this.settings = binding.settings();
    this.schema = binding.schema();
    this.placement = binding.placement();
    this.problems = binding.problems();
    this.layout = new DocumentLayout(problems);
    this.compiler = new WriterCompiler(placement, binding.formats(), problems);
  }

  /**
   * Plans.
   *
   * @throws io.reverseetl.exceptions.ConfigurationException naming everything that does not fit
   */
  BoundMapper plan(ColumnMapper mapper) {
    findAddedSources();
    List<IdPart> parts = idParts();
    IdMaker id = new IdMaker(parts, settings.idFormat());
    if (parts.size() == settings.id().size()) {
      // Else a column "id" would seem to be in the way of an id that is only spelled wrong.
      layout.put(
          MapperSettings.ID_TARGET, "the document's id", new IdWriter(id), 0, NullPolicy.WRITE);
    }
    ColumnPath.Found idColumn =
        settings.idIsTheColumn() && settings.added(settings.id().get(0)) == null
            ? ColumnPath.find(schema, settings.id().get(0))
            : null;
    for (int i = 0; i < schema.size(); i++) {
      putColumn(i, idColumn == null ? null : idColumn.path());
    }
    settings.added().forEach(this::putAdded);
    List<KeyLevel> levels = keyLevels();
    checkNames();
    problems.throwIfAny("The column mapper does not fit the table");
    return new BoundMapper(mapper, id, levels, computed, layout.toWriter());
  }

  private void findAddedSources() {
    for (Added added : settings.added()) {
      if (added instanceof Added.Computed function) {
        int place = computed.add(function);
        addedSources.putIfAbsent(added.name(), () -> computed.value(place));
      } else if (added instanceof Added.Constant constant) {
        addedSources.putIfAbsent(added.name(), constant::value);
      }
    }
  }

  private List<IdPart> idParts() {
    List<IdPart> parts = new ArrayList<>();
    for (String name : settings.id()) {
      IdPart.ValueSource source = addedSources.get(name);
      if (source != null) {
        parts.add(new IdPart.AddedPart(name, source));
        continue;
      }
      ColumnPath.Found found = findSingle("id", name);
      TextForm form = found == null ? null : TextForm.ofKey(found.type(), found.path().toString());
      if (found != null && form != null) {
        parts.add(new IdPart.ColumnPart(found, form));
      } else if (found != null) {
        problems.add(
            "id names the column \""
                + name
                + "\", which is a "
                + found.type()
                + " and has no text that always is the same. Use another column, or a computed"
                + " property.");
      }
    }
    return parts;
  }

  /** Finds a column of which each row has one value. */
  private ColumnPath.@Nullable Found findSingle(String option, String name) {
    ColumnPath.Found found = ColumnPath.find(schema, name);
    if (found == null) {
      problems.unknownColumn(option, name, schema);
    } else if (found.inCollection()) {
      problems.add(
          option + " names \"" + name + "\", which is inside an array or map. Use another column.");
      return null;
    }
    return found;
  }

  private void putColumn(int ordinal, @Nullable ColumnPath idColumn) {
    ColumnPath path = ColumnPath.of(schema.column(ordinal).name());
    if (!placement.isWritten(path)) {
      return;
    }
    DataType type = schema.column(ordinal).type();
    if (!path.equals(idColumn)) {
      put(path, type, List.of(ordinal));
    }
    for (ColumnPath renamed : placement.targets().keySet()) {
      if (renamed.segments().size() > 1
          && renamed.column().equals(path.column())
          && placement.isElsewhere(renamed)
          && !renamed.equals(idColumn)) {
        ColumnPath.Found found = field(schema, renamed);
        put(renamed, found.type(), found.ordinals());
      }
    }
  }

  private static ColumnPath.Found field(StructType schema, ColumnPath path) {
    List<Integer> ordinals = new ArrayList<>();
    DataType type = schema;
    for (String name : path.segments()) {
      StructType struct = (StructType) type;
      ordinals.add(struct.indexOf(name));
      type = struct.column(struct.indexOf(name)).type();
    }
    return new ColumnPath.Found(path, List.copyOf(ordinals), type, false);
  }

  private void put(ColumnPath path, DataType type, List<Integer> ordinals) {
    List<String> target = placement.target(path);
    NullPolicy nulls = binding.formats().nulls().at(path);
    ValueWriter writer;
    if (target.equals(TTL)) {
      writer = ttl(path, type);
      // An explicit null is no documented value of ttl.
      nulls = NullPolicy.OMIT;
    } else {
      writer = compiler.compile(path, type, target.size() + 1);
    }
    if (writer == null) {
      return;
    }
    for (int i = ordinals.size() - 1; i > 0; i--) {
      writer = new FieldWriter(ordinals.get(i), writer);
    }
    layout.put(target, "the column \"" + path + "\"", writer, ordinals.get(0), nulls);
  }

  private @Nullable ValueWriter ttl(ColumnPath path, DataType type) {
    boolean whole =
        type == Primitive.BYTE
            || type == Primitive.SHORT
            || type == Primitive.INTEGER
            || (type == Primitive.LONG && binding.formats().longs().at(path) != LongFormat.STRING);
    if (whole) {
      return new TtlWriter((Primitive) type);
    }
    problems.add(
        "The column \""
            + path
            + "\" would be the property /ttl, which Cosmos DB takes as a number of seconds to live,"
            + " but it is a "
            + type
            + ". Rename or exclude it.");
    return null;
  }

  private void putAdded(Added added) {
    int depth = added.target().size() + 1;
    boolean isTtl = added.target().equals(TTL);
    boolean isId = added.target().equals(MapperSettings.ID_TARGET);
    if (isId && settings.idIsTheColumn() && settings.id().contains(added.name())) {
      return;
    }
    if (added instanceof Added.Constant constant) {
      Object value = constant.value();
      if (isTtl
          && !((value instanceof Integer || value instanceof Long)
              && AddedWriters.isTtl(((Number) value).longValue()))) {
        problems.add(
            "The constant \"ttl\" must be a whole number of seconds from 1 to 2147483647, or -1.");
      }
      layout.put(
          added.target(),
          "the constant \"" + added.name() + "\"",
          new ConstantWriter(constant.json()),
          0,
          NullPolicy.WRITE);
    } else if (added instanceof Added.Computed function) {
      int place = computed.placeOf(function);
      layout.put(
          added.target(),
          "the computed property \"" + added.name() + "\"",
          isTtl
              ? new ComputedTtlWriter(computed, place)
              : new ComputedWriter(computed, place, added.name(), depth),
          0,
          nulls(added));
    }
  }

  private NullPolicy nulls(Added added) {
    if (added instanceof Added.Constant) {
      return NullPolicy.WRITE;
    }
    return added.target().equals(TTL) ? NullPolicy.OMIT : settings.nulls().ofName(added.name());
  }

  private List<KeyLevel> keyLevels() {
    List<KeyLevel> levels = new ArrayList<>();
    List<List<String>> targets = settings.partitionKeyTargets();
    for (int i = 0; i < targets.size(); i++) {
      String name = settings.partitionKey().get(i);
      Added added = settings.added(name);
      if (targets.get(i).equals(MapperSettings.ID_TARGET)) {
        levels.add(new KeyLevel.OfId());
      } else if (added != null) {
        NullPolicy nulls = nulls(added);
        IdPart.ValueSource source = addedSources.get(name);
        if (source != null) {
          levels.add(new KeyLevel.OfAdded(name, source, nulls));
        }
      } else {
        addColumnLevel(name, targets.get(i), levels);
      }
    }
    return levels;
  }

  private void addColumnLevel(String name, List<String> target, List<KeyLevel> levels) {
    ColumnPath.Found found = findSingle("partitionKey", name);
    if (found == null) {
      return;
    }
    ColumnPath path = found.path();
    if (!placement.isWritten(path)) {
      problems.add(
          "partitionKey names the column \""
              + name
              + "\", which is excluded, but a document must hold its partition key.");
    }
    if (!placement.target(path).equals(target)
        || target.stream().anyMatch(part -> part.indexOf('/') >= 0)) {
      problems.add(
          "partitionKey names the column \""
              + name
              + "\", whose name has a dot or a slash in it, which the path of a partition key"
              + " cannot tell from a nested property. Rename it.");
    }
    KeyLevel.Form form = KeyForms.of(path, found.type(), binding.formats(), problems);
    if (form != null) {
      NullPolicy nulls = target.equals(TTL) ? NullPolicy.OMIT : binding.formats().nulls().at(path);
      levels.add(new KeyLevel.OfColumn(found, form, nulls, placement.isElsewhere(path)));
    }
  }

  private void checkNames() {
    for (String name : layout.names()) {
      if (RESERVED.contains(name)) {
        problems.add(
            "The property \""
                + name
                + "\", which comes from "
                + layout.origin(name)
                + ", is reserved. Rename or exclude it.");
      } else if (name.equalsIgnoreCase(MapperSettings.ID) && !name.equals(MapperSettings.ID)) {
        problems.add(
            "The property \""
                + name
                + "\", which comes from "
                + layout.origin(name)
                + ", differs from the document's \"id\" by letter case only. Rename or exclude"
                + " it.");
      } else if (!Utf8.isValid(name)) {
        problems.add("The name of " + layout.origin(name) + " is not valid Unicode.");
      }
    }
  }
}
