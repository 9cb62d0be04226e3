package io.reverseetl.cosmos;

import static io.reverseetl.document.DocumentSinkContract.upsert;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.cosmos.models.CosmosContainerProperties;
import com.azure.cosmos.models.UniqueKey;
import com.azure.cosmos.models.UniqueKeyPolicy;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.reverseetl.cosmos.emulator.CallLog;
import io.reverseetl.cosmos.emulator.EmulatorOperation;
import io.reverseetl.cosmos.emulator.RecordedCall;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.DocumentOperation.IfMissing;
import io.reverseetl.document.Rejection;
import io.reverseetl.document.WriteSession;
import io.reverseetl.exceptions.WriteException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the strategies ask of the service, and how much. */
class WriteCourseIT extends FaultySinkFixture {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static DocumentOperation newer(int number, long version) {
    return new DocumentOperation.UpsertIfNewer(
        Document.of(
            DocumentKey.of("d" + number, "r" + number % 20),
            Map.of("region", "r" + number % 20, Document.SOURCE_VERSION, version)),
        version);
  }

  private static DocumentOperation merge(int number, Object value) {
    return new DocumentOperation.MergeFields(
        Document.of(
            DocumentKey.of("d" + number, "r" + number % 20),
            Map.of("region", "r" + number % 20, "ours", value)),
        Set.of("ours"),
        IfMissing.CREATE,
        false,
        1);
  }

  private CallLog cleared() {
    emulator().calls().clear();
    return emulator().calls();
  }

  // Cost

  @Test
  void writesNewDocumentsInBatchesOnly() throws Exception {
    CallLog calls = cleared();
    try (WriteSession session = sink.openSession()) {
      for (int i = 0; i < MANY; i++) {
        session.write(newer(i, 1), callback);
      }
      session.flush();
    }

    assertThat(calls.count(EmulatorOperation.READ)).isZero();
    assertThat(calls.count(EmulatorOperation.BULK_BATCH)).isLessThan(30);
    assertThat(stored().documentCount()).isEqualTo(MANY);
  }

  @Test
  void stopsTryingToCreateWhereDocumentsStand() throws Exception {
    try (WriteSession session = sink.openSession()) {
      for (int i = 0; i < MANY; i++) {
        session.write(newer(i, 1), callback);
      }
      session.flush();
      for (int i = 0; i < MANY; i++) {
        session.write(newer(i, 2), callback);
        if (i % 100 == 99) {
          session.flush();
        }
      }
      session.flush();
      CallLog calls = cleared().recordBodies(true);
      for (int i = 0; i < MANY; i++) {
        session.write(newer(i, 3), callback);
      }
      session.flush();

      assertThat(calls.count(EmulatorOperation.READ)).isEqualTo(MANY);
      assertThat(calls.calls(EmulatorOperation.BULK_BATCH))
          .noneMatch(call -> call.bodyText().contains("\"Create\""));
      calls.recordBodies(false);
    }
    assertThat(callback.written()).hasSize(3 * MANY);
  }

  @Test
  void mergesAFewFieldsWithoutReading() throws Exception {
    for (int i = 0; i < MANY; i++) {
      stored().put("{\"id\":\"d" + i + "\",\"region\":\"r" + i % 20 + "\",\"app\":1}");
    }
    CallLog calls = cleared();
    try (WriteSession session = sink.openSession()) {
      for (int i = 0; i < MANY; i++) {
        session.write(merge(i, i), callback);
      }
      session.flush();
    }

    assertThat(calls.count(EmulatorOperation.READ)).isZero();
    assertThat(stored().documents())
        .allMatch(body -> body.get("app").intValue() == 1 && body.has("ours"));
  }

  @Test
  void recoversItsBatchSizeAfterARoundThatWasThrottled() throws Exception {
    // Past its slow start, so that what is throttled is spread over many operations.
    try (WriteSession session = sink.openSession()) {
      writeMany(session);
    }
    faults()
        .onBatchedOperation()
        .container(container.getId())
        .times(600)
        .status(429, 3200)
        .retryAfter(Duration.ofMillis(1));
    try (WriteSession session = sink.openSession()) {
      writeMany(session);
    }
    CallLog calls = cleared().recordBodies(true);

    // Another session shares what was learned, the shrunken size too, and grows it again.
    int documents = 12_000;
    try (WriteSession session = sink.openSession()) {
      for (int i = 0; i < documents; i++) {
        session.write(upsert("e" + i, "r" + i % 50, Map.of()), callback);
      }
      session.flush();
    }

    List<Integer> sizes = new ArrayList<>();
    for (RecordedCall call : calls.calls(EmulatorOperation.BULK_BATCH)) {
      sizes.add(JSON.readTree(call.body()).size());
    }
    calls.recordBodies(false);
    assertThat(sizes.stream().mapToInt(Integer::intValue).sum()).isEqualTo(documents);
    assertThat(sizes).hasSizeLessThan(documents / 20);
    assertThat(sizes.subList(sizes.size() / 2, sizes.size())).contains(100);
  }

  // Unique keys

  private void withUniqueEmail() {
    CosmosContainerProperties properties =
        new CosmosContainerProperties(account.newName(), "/region");
    properties.setUniqueKeyPolicy(
        new UniqueKeyPolicy().setUniqueKeys(List.of(new UniqueKey(List.of("/email")))));
    container = account.container(properties);
    sink = builder().build();
  }

  private static Document withEmail(String id, String email, long version) {
    return Document.of(
        DocumentKey.of(id, "eu"),
        Map.of("region", "eu", "email", email, Document.SOURCE_VERSION, version));
  }

  @Test
  void doesNotTakeAHeldUniqueValueForADocumentThatIsThere() throws Exception {
    withUniqueEmail();
    stored().put(withEmail("other", "a", 1).text());
    try (WriteSession session = sink.openSession()) {
      session.write(new DocumentOperation.Create(withEmail("1", "a", 1), 1), callback);
      session.write(new DocumentOperation.UpsertIfNewer(withEmail("2", "a", 1), 1), callback);
      session.write(
          new DocumentOperation.MergeFields(
              withEmail("3", "a", 1), Set.of("email"), IfMissing.CREATE, true, 1),
          callback);
      session.write(
          new DocumentOperation.MergeFields(
              withEmail("4", "a", 1), Set.of("email", "gone"), IfMissing.CREATE, true, 1),
          callback);
      session.write(new DocumentOperation.Create(withEmail("other", "b", 1), 1), callback);
      session.flush();

      assertThat(session.statistics().rejected()).isEqualTo(4);
      assertThat(session.statistics().unchanged()).isEqualTo(1);
    }
    assertThat(callback.rejections())
        .extracting(Rejection::reason)
        .containsOnly(Rejection.Reason.CONFLICT);
    assertThat(stored().documentCount()).isEqualTo(1);
  }

  @Test
  void givesAUniqueValueOnToAnotherDocumentInGuardedWritesToo() throws Exception {
    withUniqueEmail();
    stored().put(withEmail("1", "a", 1).text());
    try (WriteSession session = sink.openSession()) {
      session.write(new DocumentOperation.UpsertIfNewer(withEmail("2", "a", 2), 2), callback);
      session.write(new DocumentOperation.UpsertIfNewer(withEmail("1", "b", 2), 2), callback);
      session.flush();
    }

    assertThat(callback.rejections()).isEmpty();
    assertThat(stored().document("2", "eu").orElseThrow().get("email").textValue()).isEqualTo("a");
  }

  // What is told

  @Test
  void saysWhatIsOutstandingWithoutSayingWhich() throws Exception {
    faults().on(EmulatorOperation.BULK_BATCH, EmulatorOperation.READ).hold();
    stored().put("{\"id\":\"secret1\",\"region\":\"secretRegion\"}");
    try (WriteSession session =
        builder().stallTimeout(Duration.ofMillis(300)).build().openSession()) {
      session.write(upsert("secret1", "secretRegion", Map.of("name", "secretName")), callback);
      session.write(upsert("secret2", "secretRegion", Map.of()), callback);
      session.write(
          new DocumentOperation.DeleteIfNewer(DocumentKey.of("secret3", "secretOther"), 1),
          callback);

      assertThatThrownBy(session::flush)
          .isInstanceOf(WriteException.class)
          .hasMessageContaining("Outstanding: 3 operations of 2 partition keys")
          .hasMessageContaining("2 Upsert as UPSERT")
          .hasMessageContaining("1 DeleteIfNewer as READ")
          .hasMessageContaining("2 in batches")
          .hasMessageContaining("1 in requests of their own")
          .hasMessageContaining("Last failure: none")
          .satisfies(WriteCourseIT::namesNoSecret);
    }
  }

  @Test
  void saysWhatFailedLastWhenItStalls() throws Exception {
    faults().onBatch().times(1).status(503, 21008);
    faults().onBatch().hold();
    try (WriteSession session =
        builder().stallTimeout(Duration.ofMillis(500)).build().openSession()) {
      session.write(upsert("secret1", "secretRegion", Map.of("name", "secretName")), callback);

      assertThatThrownBy(session::flush)
          .isInstanceOf(WriteException.class)
          .hasMessageContaining("Last failure: 503/21008")
          .hasMessageContaining("activity id 00000000")
          .hasMessageContaining("\"statusCode\":503")
          .satisfies(WriteCourseIT::namesNoSecret);
    }
  }

  @Test
  void namesNoDocumentWhenARequestOfItsOwnFails() throws Exception {
    stored().put("{\"id\":\"secret3\",\"region\":\"secretRegion\"}");
    faults().onRead().status(503, 0);
    try (WriteSession session = builder().maxAttempts(2).build().openSession()) {
      session.write(
          new DocumentOperation.DeleteIfNewer(DocumentKey.of("secret3", "secretRegion"), 1),
          callback);

      assertThatThrownBy(session::flush)
          .isInstanceOf(WriteException.class)
          .hasMessageContaining("503")
          .satisfies(WriteCourseIT::namesNoSecret);
    }
  }

  private static void namesNoSecret(Throwable thrown) {
    StringWriter trace = new StringWriter();
    thrown.printStackTrace(new PrintWriter(trace));
    assertThat(trace.toString()).doesNotContain("secret");
  }
}
