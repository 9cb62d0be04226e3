package io.reverseetl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.DocumentSink;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.document.WriteSession;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.WriteException;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.mapping.NullPolicy;
import io.reverseetl.table.Column;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.StructType;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryDocumentSink;
import io.reverseetl.testing.InMemoryTableSource;
import io.reverseetl.testing.ManualClock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What loads and polls ask of the sink in each mode, and what the documents come to. */
@Timeout(60)
class WriteModeTest {
  private static final StructType SCHEMA =
      StructType.of(
          Column.required("id", Primitive.STRING),
          Column.required("region", Primitive.STRING),
          Column.nullable("state", Primitive.STRING),
          Column.nullable("note", Primitive.STRING));
  private static final DocumentKey SEVEN = DocumentKey.of("7", "eu");
  private static final DocumentKey EIGHT = DocumentKey.of("8", "eu");
  private static final WriteMode OWNED = WriteMode.ownedFields("state", "note");

  private final ManualClock clock = new ManualClock();
  private final InMemoryTableSource table = InMemoryTableSource.of(SCHEMA, clock, 10);
  private final InMemoryDocumentSink sink = InMemoryDocumentSink.of("/region");
  private final InMemoryCheckpointStore checkpoints = InMemoryCheckpointStore.create();

  private Pipeline.Builder pipeline(WriteMode mode) {
    return Pipeline.builder("orders")
        .source(table)
        .mapper(ColumnMapper.builder().id("id").partitionKey("region").build())
        .sink(sink)
        .checkpoints(checkpoints)
        .writeMode(mode)
        .readThreads(1)
        .clock(clock);
  }

  private static LoadReport load(Pipeline.Builder pipeline) {
    return InitialLoader.of(pipeline.build()).load();
  }

  private static PollReport poll(Pipeline.Builder pipeline) {
    return CdcPoller.of(pipeline.build()).pollOnce();
  }

  private Map<String, Object> document(DocumentKey key) {
    return sink.document(key).orElseThrow();
  }

  private static Map<String, Object> values(Object... namesAndValues) {
    Map<String, Object> values = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      values.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return values;
  }

  // Create

  @Test
  void leavesWhatIsThereWhenItOnlyCreates() {
    sink.put(SEVEN, values("region", "eu", "state", "theirs"));
    table.commit(table.insert("7", "eu", "ours", null), table.insert("8", "eu", "ours", null));

    LoadReport report = load(pipeline(WriteMode.CREATE));

    assertThat(document(SEVEN)).containsEntry("state", "theirs");
    assertThat(document(EIGHT)).containsEntry("state", "ours");
    assertThat(report.outcome()).isEqualTo(LoadReport.Outcome.COMPLETED);
  }

  // Unmodified

  @Test
  void replacesAndDeletesOnlyWhatNobodyChangedSince() {
    sink.put(SEVEN, values("region", "eu", "app", 1));
    sink.put(EIGHT, values("region", "eu", "app", 1));
    String etag = sink.etag(SEVEN).orElseThrow();
    String changed = sink.etag(EIGHT).orElseThrow();
    sink.put(EIGHT, values("region", "eu", "app", 2));
    Pipeline.Builder pipeline = pipeline(WriteMode.replaceIfUnmodified("note"));
    table.commit(table.insert("7", "eu", "a", etag), table.insert("8", "eu", "a", changed));

    load(pipeline);

    assertThat(document(SEVEN)).isEqualTo(values("id", "7", "region", "eu", "state", "a"));
    assertThat(document(EIGHT)).containsEntry("app", 2);

    String now = sink.etag(SEVEN).orElseThrow();
    table.commit(table.update(table.row("7", "eu", "a", etag), table.row("7", "eu", "b", now)));
    table.commit(table.delete("7", "eu", "b", now), table.delete("8", "eu", "a", changed));
    PollReport report = poll(pipeline);

    assertThat(sink.documents()).containsOnlyKeys(EIGHT);
    assertThat(report.documentsDeleted()).isEqualTo(1);
    assertThat(sink.operations()).anyMatch(DocumentOperation.DeleteIfUnmodified.class::isInstance);
  }

  // Owned fields

  @Test
  void keepsWhatTheApplicationWrote() {
    sink.put(SEVEN, values("region", "eu", "state", "old", "app", List.of(1)));
    Pipeline.Builder pipeline = pipeline(OWNED).deletes(Deletes.ownedFields());
    table.commit(table.insert("7", "eu", "placed", null), table.insert("8", "eu", "placed", "n"));

    load(pipeline);

    assertThat(document(SEVEN))
        .isEqualTo(
            values("id", "7", "region", "eu", "state", "placed", "note", null, "app", List.of(1)));
    assertThat(document(EIGHT))
        .isEqualTo(values("id", "8", "region", "eu", "state", "placed", "note", "n"));

    table.commit(
        table.update(table.row("7", "eu", "placed", null), table.row("7", "eu", "sent", "hello")));
    table.commit(table.delete("8", "eu", "placed", "n"));
    poll(pipeline);

    assertThat(document(SEVEN))
        .containsEntry("state", "sent")
        .containsEntry("note", "hello")
        .containsEntry("app", List.of(1));
    assertThat(document(EIGHT)).isEqualTo(values("id", "8", "region", "eu"));
  }

  @Test
  void takesOutWhatTheMapperNoLongerGives() {
    sink.put(SEVEN, values("region", "eu", "note", "stale", "app", 1));
    DocumentMapper omitting =
        ColumnMapper.builder().id("id").partitionKey("region").nulls(NullPolicy.OMIT).build();
    table.commit(table.insert("7", "eu", "placed", null));

    load(pipeline(OWNED).mapper(omitting).deletes(Deletes.hard()));

    assertThat(document(SEVEN))
        .isEqualTo(values("id", "7", "region", "eu", "state", "placed", "app", 1));
  }

  @Test
  void writesOnlyWhatItOwns() {
    table.commit(table.insert("7", "eu", "placed", "not ours"));

    load(pipeline(WriteMode.ownedFields("state")).deletes(Deletes.hard()));

    assertThat(document(SEVEN)).isEqualTo(values("id", "7", "region", "eu", "state", "placed"));
  }

  @Test
  void deletesTheWholeDocumentWhereThatIsSaid() {
    Pipeline.Builder pipeline = pipeline(OWNED).deletes(Deletes.hard());
    table.commit(table.insert("7", "eu", "placed", null));
    load(pipeline);
    table.commit(table.delete("7", "eu", "placed", null));

    poll(pipeline);

    assertThat(sink.documents()).isEmpty();
  }

  @Test
  void flagsADeletedRowAndTakesTheFlagBack() {
    Pipeline.Builder pipeline =
        pipeline(OWNED).deletes(Deletes.soft("gone").expireAfter(Duration.ofDays(1)));
    sink.put(SEVEN, values("region", "eu", "app", 1));
    table.commit(table.insert("7", "eu", "placed", null));
    load(pipeline);
    table.commit(table.delete("7", "eu", "placed", null));
    poll(pipeline);
    assertThat(document(SEVEN))
        .containsEntry("gone", true)
        .containsEntry("ttl", 86_400)
        .containsEntry("app", 1);

    table.commit(table.insert("7", "eu", "back", null));
    poll(pipeline);

    assertThat(document(SEVEN))
        .isEqualTo(values("id", "7", "region", "eu", "state", "back", "note", null, "app", 1));
  }

  @Test
  void neverMergesAnOlderVersion() {
    Pipeline.Builder pipeline = pipeline(OWNED.ifNewer()).deletes(Deletes.ownedFields());
    table.commit(table.insert("7", "eu", "placed", null), table.insert("8", "eu", "placed", null));
    load(pipeline);
    sink.put(SEVEN, values("region", "eu", "state", "newer", Document.SOURCE_VERSION, 99, "a", 1));
    table.commit(
        table.update(table.row("7", "eu", "placed", null), table.row("7", "eu", "late", null)),
        table.update(table.row("8", "eu", "placed", null), table.row("8", "eu", "sent", null)));

    poll(pipeline);

    assertThat(document(SEVEN)).containsEntry("state", "newer");
    assertThat(document(EIGHT)).containsEntry("state", "sent").containsKey(Document.SOURCE_VERSION);

    long deletion = table.commit(table.delete("8", "eu", "sent", null));
    poll(pipeline);
    assertThat(document(EIGHT))
        .isEqualTo(values("id", "8", "region", "eu", Document.SOURCE_VERSION, (int) deletion));
  }

  @Test
  void comparesOnlyWhatItOwns() throws Exception {
    Pipeline.Builder pipeline = pipeline(OWNED).deletes(Deletes.ownedFields());
    sink.put(SEVEN, values("region", "eu", "app", 1));
    sink.put(DocumentKey.of("foreign", "eu"), values("region", "eu", "app", 1));
    table.commit(table.insert("7", "eu", "placed", null), table.insert("8", "eu", "x", null));
    load(pipeline);
    assertThat(Verifier.of(pipeline.build()).verify().isEqual()).isTrue();
    table.commit(table.delete("8", "eu", "x", null));
    poll(pipeline);
    assertThat(Verifier.of(pipeline.build()).verify().isEqual()).isTrue();

    sink.put(SEVEN, values("region", "eu", "app", 1, "state", "other", "note", null));

    assertThat(Verifier.of(pipeline.build()).verify().isEqual()).isFalse();
  }

  @Test
  void passesOverOrRefusesWhatIsMissing() {
    table.commit(table.insert("7", "eu", "placed", null));
    sink.put(EIGHT, values("region", "eu"));

    load(pipeline(OWNED.skipMissing()).deletes(Deletes.hard()));
    assertThat(sink.documents()).containsOnlyKeys(EIGHT);

    assertThatThrownBy(
            () ->
                load(
                    pipeline(OWNED.rejectMissing())
                        .deletes(Deletes.hard())
                        .checkpoints(InMemoryCheckpointStore.create())))
        .isInstanceOf(WriteException.class)
        .hasMessageContaining("no document to change");
  }

  @Test
  void changesOnlyDocumentsThatMeetTheCondition() {
    sink.condition("c.open = true", body -> Boolean.TRUE.equals(body.get("open")));
    sink.put(SEVEN, values("region", "eu", "open", true, "note", "x"));
    sink.put(EIGHT, values("region", "eu", "open", false, "note", "x"));
    table.commit(
        table.insert("7", "eu", "a", null),
        table.insert("8", "eu", "a", null),
        table.insert("9", "eu", "a", null));
    DocumentMapper omitting =
        ColumnMapper.builder().id("id").partitionKey("region").nulls(NullPolicy.OMIT).build();

    load(pipeline(OWNED.where("c.open = true")).mapper(omitting).deletes(Deletes.ownedFields()));

    assertThat(document(SEVEN)).containsEntry("state", "a").containsEntry("note", null);
    assertThat(document(EIGHT))
        .isEqualTo(values("id", "8", "region", "eu", "open", false, "note", "x"));
    assertThat(sink.size()).isEqualTo(2);

    Pipeline.Builder strict =
        pipeline(OWNED.where("c.open = true").rejectMissing())
            .mapper(omitting)
            .deletes(Deletes.ownedFields());
    table.commit(table.delete("7", "eu", "a", null), table.delete("9", "eu", "a", null));
    poll(strict);

    assertThat(document(SEVEN)).containsEntry("state", null).containsEntry("open", true);
  }

  // What is refused when the pipeline is built

  static Stream<WriteMode> demanding() {
    return Stream.of(
        WriteMode.UPSERT_IF_NEWER,
        WriteMode.UPSERT.ifNewer(),
        WriteMode.CREATE,
        WriteMode.replaceIfUnmodified("etag"),
        OWNED,
        OWNED.ifNewer());
  }

  @ParameterizedTest
  @MethodSource("demanding")
  void refusesASinkThatCannotWriteSo(WriteMode mode) {
    DocumentSink plain =
        new DocumentSink() {
          @Override
          public TargetDescription describe() {
            return sink.describe();
          }

          @Override
          public WriteSession openSession() {
            return sink.openSession();
          }

          @Override
          public void close() {}
        };

    assertThatThrownBy(() -> pipeline(mode).sink(plain).deletes(Deletes.hard()).build())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("orders")
        .hasMessageContaining(mode.toString())
        .hasMessageContaining("WriteMode.UPSERT");
  }

  @Test
  void asksWhatBecomesOfDeletedRowsWhenOthersWriteToo() {
    assertThatThrownBy(() -> pipeline(OWNED).build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("deletes");
    assertThatThrownBy(() -> pipeline(WriteMode.UPSERT).deletes(Deletes.ownedFields()).build())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("ownedFields");
  }

  @Test
  void refusesACombinationThatCannotWork() {
    WriteMode ten =
        WriteMode.ownedFields("a", "b", "c", "d", "e", "f", "g", "h", "i", "j").where("true");

    pipeline(ten).deletes(Deletes.hard()).build();
    assertThatThrownBy(() -> pipeline(ten.ifNewer()).deletes(Deletes.hard()).build())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("10");
    assertThatThrownBy(() -> pipeline(OWNED.where("true")).deletes(Deletes.soft("gone")).build())
        .isInstanceOf(ConfigurationException.class);
    assertThatThrownBy(() -> WriteMode.CREATE.ifNewer()).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> WriteMode.UPSERT.where("true"))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> WriteMode.ownedFields()).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> WriteMode.ownedFields("id"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void isAValue() {
    assertThat(WriteMode.UPSERT.ifNewer()).isSameAs(WriteMode.UPSERT_IF_NEWER);
    assertThat(WriteMode.ownedFields("note", "state").ifNewer())
        .isEqualTo(OWNED.ifNewer())
        .hasSameHashCodeAs(OWNED.ifNewer())
        .isNotEqualTo(OWNED)
        .isNotEqualTo(OWNED.ifNewer().skipMissing());
  }
}
