package io.reverseetl.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import io.reverseetl.delta.ChangeLines.Expected;
import io.reverseetl.delta.ChangeLines.Read;
import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.exceptions.ChangesUnavailableException.Reason;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.table.ChangeCursor;
import io.reverseetl.table.ChangeMethod;
import io.reverseetl.table.ChangeQuery;
import io.reverseetl.table.SchemaMode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every range of every table of the corpus gives the changes, or the refusal, that Spark gives,
 * wherever the tables are. For subclasses, which say where that is.
 */
public abstract class DeltaChangesContract {
  /** For subclasses. */
  protected DeltaChangesContract() {}

  /**
   * Puts a table of the corpus where it is to be read.
   *
   * @param name the name of the case, see {@link DeltaTables#cases}
   * @return its URI
   */
  protected abstract String place(String name);

  /**
   * Opens a table.
   *
   * @param uri what {@link #place} gave
   * @return a source, which is closed
   */
  protected abstract DeltaTableSource open(String uri);

  /**
   * Which ranges are read; a storage that takes its time may leave some out.
   *
   * @param name the name of the case
   * @param mode how schema changes are taken
   * @param from the first version
   * @param to the last version
   * @return whether to read it; all are, if this is not overridden
   */
  protected boolean reads(String name, SchemaMode mode, long from, long to) {
    return true;
  }

  @TestFactory
  final Stream<DynamicNode> readsEveryRangeAsSparkDoes() {
    return DeltaTables.cases().stream().map(this::caseNode);
  }

  private DynamicNode caseNode(String name) {
    JsonNode caseJson = DeltaTables.caseJson(name);
    String table = place(name);
    // One source remembers what it has seen of the log, the others begin anew.
    DeltaTableSource seasoned = open(table);
    List<DynamicNode> tests = new ArrayList<>();
    if (caseJson.hasNonNull("tableError")) {
      tests.add(DynamicTest.dynamicTest("is refused", () -> refusesTheTable(table)));
    }
    for (JsonNode range : caseJson.path("changes")) {
      for (SchemaMode mode : SchemaMode.values()) {
        if (!reads(name, mode, range.get("from").asLong(), range.get("to").asLong())) {
          continue;
        }
        tests.add(
            DynamicTest.dynamicTest(
                mode + " " + range.get("from") + ".." + range.get("to"),
                () -> {
                  if (mode == SchemaMode.PER_COMMIT) {
                    checkRange(name, seasoned, caseJson, range, mode);
                  } else {
                    try (DeltaTableSource source = open(table)) {
                      checkRange(name, source, caseJson, range, mode);
                    }
                  }
                }));
      }
    }
    return DynamicContainer.dynamicContainer(name, tests);
  }

  private void refusesTheTable(String table) {
    try (DeltaTableSource source = open(table)) {
      for (ChangeMethod method : ChangeMethod.values()) {
        assertThat(
                catchThrowable(
                    () -> source.openChanges(ChangeQuery.from(0).method(method)).close()))
            .isInstanceOf(TableReadException.class)
            .extracting("reason")
            .isEqualTo(TableReadException.Reason.UNSUPPORTED_FEATURE);
      }
    }
  }

  private static void checkRange(
      String name, DeltaTableSource source, JsonNode caseJson, JsonNode range, SchemaMode mode) {
    long from = range.get("from").asLong();
    long to = range.get("to").asLong();
    ChangeQuery query = ChangeQuery.from(from).to(to).schemaMode(mode);
    if (!range.has("error")) {
      checkRows(name, caseJson, range, ChangeLines.read(source, query), mode);
      boolean hasSnapshotBefore = from == 0 || from > caseJson.get("earliestLogVersion").asLong();
      if (mode == SchemaMode.PER_COMMIT && !range.has("slice") && hasSnapshotBefore) {
        checkReplay(source, query, caseJson);
      }
    } else if (range.get("error").get("kind").asText().equals("must-fail")) {
      checkMustFail(source, query, range.get("error").get("sparkErrorClass").asText(), caseJson);
    } else if (mode == SchemaMode.STRICT) {
      assertThat(refusal(source, query).reason()).isEqualTo(Reason.INCOMPATIBLE_SCHEMA);
    } else {
      checkReplay(source, query, caseJson);
    }
  }

  private static void checkRows(
      String name, JsonNode caseJson, JsonNode range, List<Read> actual, SchemaMode mode) {
    JsonNode schema = range.hasNonNull("schema") ? range.get("schema") : caseJson.get("schema");
    List<Expected> expected =
        ChangeLines.expected(
            name, range.get("file").asText(), range.get("from").asLong(), range.get("to").asLong());
    assertThat(expected).hasSize(range.get("rows").asInt());
    if (mode == SchemaMode.STRICT) {
      assertThat(ChangeLines.normalise(actual, schema))
          .isEqualTo(ChangeLines.normaliseExpected(expected, schema));
      checkTimestamps(caseJson, actual, expected);
    } else {
      assertThat(Widening.normalise(actual, schema))
          .isEqualTo(ChangeLines.normaliseExpected(expected, schema));
    }
  }

  private static void checkTimestamps(
      JsonNode caseJson, List<Read> actual, List<Expected> expected) {
    JsonNode exactFrom = caseJson.path("commitTimestampExactFrom");
    for (Read change : actual) {
      if (exactFrom.isNumber() && change.version() >= exactFrom.asLong()) {
        String stored =
            expected.stream()
                .filter(e -> e.version() == change.version())
                .map(Expected::timestamp)
                .findFirst()
                .orElseThrow();
        assertThat(change.timestamp()).isEqualTo(stored);
      }
    }
  }

  private static void checkMustFail(
      DeltaTableSource source, ChangeQuery query, String sparkErrorClass, JsonNode caseJson) {
    ChangesUnavailableException refusal = refusal(source, query);
    switch (sparkErrorClass) {
      case "DELTA_MISSING_CHANGE_DATA" -> {
        assertThat(refusal.reason()).isEqualTo(Reason.FEED_OFF);
        assertThat(refusal.version().orElseThrow())
            .isBetween(query.fromVersion(), query.toVersion().orElseThrow());
      }
      case "FAILED_READ_FILE.FILE_NOT_EXIST" -> {
        assertThat(refusal.reason()).isEqualTo(Reason.FILES_VACUUMED);
        assertThat(refusal.version().orElseThrow()).isBetween(1L, 3L);
      }
      default -> {
        assertThat(refusal.reason()).isEqualTo(Reason.HISTORY_CLEANED);
        assertThat(refusal.version()).hasValue(caseJson.get("earliestLogVersion").asLong());
      }
    }
  }

  /** No row may come before the refusal. */
  private static ChangesUnavailableException refusal(DeltaTableSource source, ChangeQuery query) {
    Throwable failure =
        catchThrowable(
            () -> {
              try (ChangeCursor cursor = source.openChanges(query)) {
                assertThat(cursor.advance()).as("a row").isFalse();
              }
            });
    assertThat(failure).isInstanceOf(ChangesUnavailableException.class);
    return (ChangesUnavailableException) failure;
  }

  private static void checkReplay(DeltaTableSource source, ChangeQuery query, JsonNode caseJson) {
    Replay replay = Replay.of(source, query.fromVersion() - 1);
    replay.apply(source, query);
    replay.checkIsAt(
        Math.min(query.toVersion().orElseThrow(), caseJson.get("latestVersion").asLong()));
  }
}
