package io.reverseetl.delta;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.reverseetl.table.ChangeCursor;
import io.reverseetl.table.ChangeQuery;
import io.reverseetl.table.ChangeType;
import io.reverseetl.table.RowChange;
import io.reverseetl.table.RowJson;
import io.reverseetl.table.StructType;
import io.reverseetl.table.TableSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Change rows as text, read and expected. */
final class ChangeLines {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ChangeLines() {}

  /** One change that was read, copied. */
  record Read(ChangeType type, long version, Instant timestamp, StructType columns, String row) {
    String typeName() {
      return type.name().toLowerCase(Locale.ROOT);
    }
  }

  /** Reads a range to its end. */
  static List<Read> read(TableSource source, ChangeQuery query) {
    try (ChangeCursor cursor = source.openChanges(query)) {
      return read(cursor);
    }
  }

  /** Reads a cursor to its end. */
  static List<Read> read(ChangeCursor cursor) {
    List<Read> changes = new ArrayList<>();
    RowJson json = new RowJson();
    while (cursor.advance()) {
      RowChange change = cursor.current();
      changes.add(
          new Read(
              change.type(),
              change.commitVersion(),
              change.commitTimestamp(),
              change.row().type(),
              json.toString(change.row())));
    }
    return changes;
  }

  /** One expected change. */
  record Expected(String typeName, long version, @Nullable String timestamp, JsonNode row) {}

  /** The expected changes of a file between two versions. */
  static List<Expected> expected(String caseName, String file, long from, long to) {
    List<Expected> changes = new ArrayList<>();
    for (String line : DeltaTables.lines(caseName, file)) {
      JsonNode change = CanonicalLines.parse(line);
      long version = change.get("_commit_version").asLong();
      if (version >= from && version <= to) {
        changes.add(
            new Expected(
                change.get("_change_type").asText(),
                version,
                change.hasNonNull("_commit_timestamp")
                    ? change.get("_commit_timestamp").asText()
                    : null,
                change.get("row")));
      }
    }
    return changes;
  }

  /** Lines that are equal for equal changes, sorted. */
  static List<String> normalise(List<Read> changes, JsonNode schema) {
    return changes.stream()
        .map(
            c ->
                c.version()
                    + " "
                    + c.typeName()
                    + " "
                    + CanonicalLines.normalise(CanonicalLines.parse(c.row()), schema))
        .sorted(Comparator.naturalOrder())
        .toList();
  }

  /** The same for expected changes. */
  static List<String> normaliseExpected(List<Expected> changes, JsonNode schema) {
    return changes.stream()
        .map(
            c -> c.version() + " " + c.typeName() + " " + CanonicalLines.normalise(c.row(), schema))
        .sorted(Comparator.naturalOrder())
        .toList();
  }

  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
