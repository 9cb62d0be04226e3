package io.reverseetl.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.table.Cursor;
import io.reverseetl.table.Row;
import io.reverseetl.table.RowJson;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.SnapshotQuery;
import io.reverseetl.table.TableSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every version of every table of the corpus reads as Spark reads it, wherever the tables are. For
 * subclasses, which say where that is.
 */
public abstract class DeltaSnapshotContract {
  /** For subclasses. */
  protected DeltaSnapshotContract() {}

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

  @TestFactory
  final Stream<DynamicNode> readsEveryVersionAsSparkDoes() {
    return DeltaTables.cases().stream().map(this::caseNode);
  }

  private DynamicNode caseNode(String name) {
    JsonNode expected = DeltaTables.caseJson(name);
    String table = place(name);
    List<DynamicNode> tests = new ArrayList<>();
    if (expected.hasNonNull("tableError")) {
      tests.add(DynamicTest.dynamicTest("is refused", () -> refuses(table)));
    }
    for (JsonNode snapshot : expected.path("snapshots")) {
      tests.add(
          DynamicTest.dynamicTest(
              "version " + snapshot.get("version"),
              () -> checkSnapshot(name, table, expected, snapshot)));
    }
    return DynamicContainer.dynamicContainer(name, tests);
  }

  private void refuses(String table) {
    try (DeltaTableSource source = open(table)) {
      assertThatThrownBy(source::latestVersion)
          .isInstanceOf(TableReadException.class)
          .extracting("reason")
          .isEqualTo(TableReadException.Reason.UNSUPPORTED_FEATURE);
    }
  }

  private void checkSnapshot(String name, String table, JsonNode expected, JsonNode snapshot) {
    long version = snapshot.get("version").asLong();
    if (snapshot.has("error")) {
      assertThatThrownBy(() -> read(table, version)).isInstanceOf(TableReadException.class);
      return;
    }
    JsonNode schema =
        snapshot.hasNonNull("schema") ? snapshot.get("schema") : expected.get("schema");
    List<String> lines = DeltaTables.lines(name, snapshot.get("file").asText());
    assertThat(lines).hasSize(snapshot.get("rows").asInt());
    assertThat(CanonicalLines.normalise(read(table, version), schema))
        .isEqualTo(CanonicalLines.normalise(lines, schema));
  }

  private List<String> read(String table, long version) {
    List<String> lines = new ArrayList<>();
    RowJson json = new RowJson();
    try (DeltaTableSource source = open(table);
        TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.atVersion(version))) {
      assertThat(snapshot.version().version()).isEqualTo(version);
      for (SnapshotPart part : snapshot.parts()) {
        long count = 0;
        try (Cursor<Row> rows = snapshot.open(part)) {
          while (rows.advance()) {
            lines.add(json.toString(rows.current()));
            count++;
          }
        }
        if (part.rowCount().isPresent()) {
          assertThat(count).as(part.id()).isEqualTo(part.rowCount().getAsLong());
        }
      }
    }
    return lines;
  }
}
