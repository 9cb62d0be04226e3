package io.reverseetl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.document.DeadLetter;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.FileDeadLetterSink;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.WriteException;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.table.Column;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.StructType;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryDocumentSink;
import io.reverseetl.testing.InMemoryTableSource;
import io.reverseetl.testing.ManualClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Gaps, verifying, and writing chosen documents again. */
class RecoveryTest {
  private static final StructType SCHEMA =
      StructType.of(
          Column.required("id", Primitive.STRING),
          Column.required("region", Primitive.STRING),
          Column.nullable("n", Primitive.DOUBLE));

  private static final DocumentMapper MAPPER =
      ColumnMapper.builder().id("id").partitionKey("region").build();

  @TempDir private Path folder;

  private final ManualClock clock = new ManualClock();
  private final InMemoryTableSource table = InMemoryTableSource.of(SCHEMA, clock, 2);
  private final InMemoryDocumentSink sink = InMemoryDocumentSink.of("/region");
  private final InMemoryCheckpointStore checkpoints = InMemoryCheckpointStore.create();

  @BeforeEach
  void load() {
    table.commit(
        table.insert("1", "eu", 1.0), table.insert("2", "eu", 2.0), table.insert("3", "eu", 3.0));
    InitialLoader.of(pipeline().build()).load();
    sink.forgetOperations();
  }

  private Pipeline.Builder pipeline() {
    return Pipeline.builder("orders")
        .source(table)
        .mapper(MAPPER)
        .sink(sink)
        .checkpoints(checkpoints)
        .readThreads(1)
        .stampSourceVersion(true)
        .clock(clock);
  }

  private static DocumentKey key(String id) {
    return DocumentKey.of(id, "eu");
  }

  private Checkpoint checkpoint() {
    return checkpoints.checkpoint("orders").orElseThrow();
  }

  private void loseHistory() {
    table.commit(table.delete("1", "eu", 1.0), table.insert("4", "eu", 4.0));
    table.commit(table.update(table.row("2", "eu", 2.0), table.row("2", "eu", 22.0)));
    table.forgetChangesBefore(2);
  }

  private PollReport poll(Pipeline pipeline, GapPolicy policy) {
    return CdcPoller.builder(pipeline).onGap(policy).build().pollOnce();
  }

  @Test
  void hazard8DiffWritesOnlyWhatDiffersAfterAGap() throws Exception {
    loseHistory();

    PollReport report = poll(pipeline().build(), GapPolicy.DIFF);

    assertThat(report.reloaded()).isTrue();
    assertThat(report.outcome()).isEqualTo(PollReport.Outcome.UP_TO_DATE);
    assertThat(report.toVersion()).isEqualTo(2);
    assertThat(sink.documents()).containsOnlyKeys(key("2"), key("3"), key("4"));
    assertThat(sink.operations())
        .extracting(DocumentOperation::key)
        .containsExactlyInAnyOrder(key("1"), key("2"), key("4"));
    assertThat(Verifier.of(pipeline().build()).verify().isEqual()).isTrue();
  }

  @Test
  void hazard8ResnapshotWritesEverythingAfterAGap() {
    loseHistory();

    PollReport report = poll(pipeline().build(), GapPolicy.RESNAPSHOT);

    assertThat(report.documentsWritten()).isEqualTo(3);
    assertThat(report.documentsDeleted()).isEqualTo(1);
    assertThat(sink.documents()).containsOnlyKeys(key("2"), key("3"), key("4"));
    assertThat(checkpoint().version()).isEqualTo(2);
    assertThat(checkpoint().poll()).isEmpty();
  }

  @Test
  void hazard12GoesOnWithARecreatedTableWhereAsked() {
    table.recreate();
    table.commit(table.delete("3", "eu", 3.0));

    poll(pipeline().build(), GapPolicy.DIFF);

    assertThat(checkpoint().tableId()).isEqualTo(table.latestVersion().tableId());
    assertThat(sink.documents()).containsOnlyKeys(key("1"), key("2"));
    table.commit(table.insert("5", "eu", 5.0));
    assertThat(poll(pipeline().build(), GapPolicy.FAIL).toVersion()).isEqualTo(2);
  }

  @Test
  void hazard14LeavesDocumentsOfOthersAlone() {
    sink.put(key("foreign"), Map.of("region", "eu"));
    loseHistory();

    poll(pipeline().build(), GapPolicy.DIFF);
    assertThat(sink.document(key("foreign"))).isPresent();

    table.commit(table.insert("6", "eu", 6.0));
    table.forgetChangesBefore(9);
    poll(pipeline().ownsTarget(true).build(), GapPolicy.DIFF);
    assertThat(sink.document(key("foreign"))).isEmpty();
  }

  @Test
  void aReloadThatCrashedIsDoneAgain() {
    loseHistory();
    sink.crashAfter(1);
    assertThatThrownBy(() -> poll(pipeline().build(), GapPolicy.DIFF))
        .isInstanceOf(WriteException.class);
    assertThat(checkpoint().version()).isZero();
    sink.forgetOperations();

    poll(pipeline().build(), GapPolicy.DIFF);

    assertThat(sink.operations()).hasSize(2);
    assertThat(sink.documents()).containsOnlyKeys(key("2"), key("3"), key("4"));
  }

  @Test
  void verifiesEveryDocument() throws Exception {
    assertThat(Verifier.of(pipeline().build()).verify().isEqual()).isTrue();

    sink.remove(key("1"));
    sink.put(key("2"), Map.of("region", "eu", "n", 7));
    sink.put(key("3"), Map.of("n", 3, "region", "eu"));
    sink.put(key("8"), Map.of("region", "eu"));
    sink.put(key("9"), Map.of("region", "eu", Document.SOURCE_VERSION, 0));
    sink.forgetOperations();

    VerifyReport report = Verifier.of(pipeline().build()).verify();

    assertThat(report.isEqual()).isFalse();
    assertThat(report.rows()).isEqualTo(3);
    assertThat(report.documents()).isEqualTo(4);
    assertThat(List.of(report.equal(), report.missing(), report.different()))
        .containsExactly(1L, 1L, 1L);
    assertThat(List.of(report.extra(), report.foreign())).containsExactly(1L, 1L);
    assertThat(report.examples())
        .containsExactlyInAnyOrder(
            new VerifyReport.Difference(VerifyReport.Kind.MISSING, key("1")),
            new VerifyReport.Difference(VerifyReport.Kind.DIFFERENT, key("2")),
            new VerifyReport.Difference(VerifyReport.Kind.EXTRA, key("9")));
    assertThat(sink.operations()).isEmpty();
  }

  @Test
  void verifiesASampleOfTheSameDocumentsOnBothSides() throws Exception {
    VerifyReport report = Verifier.of(pipeline().build()).oneIn(2).verify();

    assertThat(report.isEqual()).isTrue();
    assertThat(report.documents()).isLessThan(4);
  }

  @Test
  void doesNotCountDocumentsThatAreFlaggedAsDeleted() throws Exception {
    Pipeline soft = pipeline().deletes(Deletes.soft("deleted")).build();
    table.commit(table.delete("1", "eu", 1.0));
    CdcPoller.of(soft).pollOnce();

    VerifyReport report = Verifier.of(soft).verify();

    assertThat(report.isEqual()).isTrue();
    assertThat(report.documents()).isEqualTo(2);
  }

  @Test
  void asksForAPollWhereARangeIsHalfWritten() {
    table.commit(table.insert("5", "eu", 5.0));
    sink.crashAfter(0);
    assertThatThrownBy(() -> CdcPoller.of(pipeline().build()).pollOnce())
        .isInstanceOf(WriteException.class);

    assertThatThrownBy(() -> Verifier.of(pipeline().build()).verify())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("Poll first");
  }

  @Test
  void reloadsChosenDocuments() throws Exception {
    sink.remove(key("1"));
    sink.put(key("2"), Map.of("region", "eu", "n", 7));
    sink.put(key("9"), Map.of("region", "eu"));
    sink.put(key("8"), Map.of("region", "eu"));

    ReloadReport report =
        Reloader.of(pipeline().build()).reload(Set.of(key("1"), key("2"), key("9")));

    assertThat(sink.documents()).containsOnlyKeys(key("1"), key("2"), key("3"), key("8"));
    assertThat(sink.document(key("2")).orElseThrow()).containsEntry("n", 2.0);
    assertThat(report.documentsWritten()).isEqualTo(2);
    assertThat(report.documentsDeleted()).isEqualTo(1);
    assertThat(checkpoint().lease().orElseThrow().isHeld(clock.instant())).isFalse();
  }

  @Test
  void readsTheDeadLettersThatItWrote() throws Exception {
    Path file = folder.resolve("letters.jsonl");
    DeadLetter one =
        new DeadLetter(
            clock.instant(),
            "p",
            3,
            "here\u2028there",
            "TOO_LARGE",
            "m",
            java.util.Optional.of(
                Document.of(DocumentKey.of("a", "x", null, DocumentKey.ABSENT), Map.of("n", 1.5))));
    DeadLetter other =
        new DeadLetter(clock.instant(), "p", 4, "l", "MAPPING", "m", java.util.Optional.empty());
    try (FileDeadLetterSink letters = FileDeadLetterSink.of(file)) {
      letters.write(one);
      letters.write(other);
    }
    Files.write(file, "{\"torn".getBytes(StandardCharsets.UTF_8), StandardOpenOption.APPEND);

    List<DeadLetter> read = FileDeadLetterSink.read(file);

    assertThat(read).hasSize(2);
    assertThat(read.get(1)).isEqualTo(other);
    assertThat(read.get(0).document().orElseThrow().key())
        .isEqualTo(one.document().orElseThrow().key());
    assertThat(read.get(0).document().orElseThrow().text())
        .isEqualTo(one.document().orElseThrow().text());
    assertThat(FileDeadLetterSink.read(folder.resolve("none"))).isEmpty();
  }

  @Test
  void reloadsNothingWhileARangeIsHalfWritten() {
    table.commit(table.insert("5", "eu", 5.0));
    sink.crashAfter(0);
    assertThatThrownBy(() -> CdcPoller.of(pipeline().build()).pollOnce())
        .isInstanceOf(WriteException.class);

    assertThatThrownBy(() -> Reloader.of(pipeline().build()).reload(Set.of(key("1"))))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("Poll first");
  }
}
