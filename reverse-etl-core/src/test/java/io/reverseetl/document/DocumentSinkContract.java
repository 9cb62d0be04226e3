package io.reverseetl.document;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link DocumentSink} keeps. A test of an implementation extends it. */
public abstract class DocumentSinkContract {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_DOCUMENT_BYTES = 2 * 1024 * 1024;

  /** An empty container and a sink that writes to it. */
  public interface Target extends AutoCloseable {
    /** The sink; closed by the target. */
    DocumentSink sink();

    /** What is stored, without the properties that the target adds; empty if nothing is. */
    Optional<JsonNode> read(DocumentKey key);

    /** How many documents are there. */
    long count();

    /** What the sink allows in flight at most. */
    int maxInFlightOperations();

    @Override
    void close();
  }

  private final List<Target> targets = new ArrayList<>();

  /**
   * Makes an empty target.
   *
   * @param maxInFlightOperations what its sink is to allow in flight, if that can be set
   * @param partitionKeyPaths its partition key
   */
  protected abstract Target open(int maxInFlightOperations, List<String> partitionKeyPaths);

  @AfterEach
  void closeTargets() {
    targets.forEach(Target::close);
  }

  private Target target(String... partitionKeyPaths) {
    Target target = open(1_000, List.of(partitionKeyPaths));
    targets.add(target);
    return target;
  }

  @Test
  void describesThePartitionKeyAndAnIdentityOfItsOwn() {
    Target one = target("/region");
    Target other = target("/tenant", "/user/name");

    assertThat(one.sink().describe().partitionKeyPaths()).containsExactly("/region");
    assertThat(other.sink().describe().partitionKeyPaths())
        .containsExactly("/tenant", "/user/name");
    assertThat(one.sink().describe()).isEqualTo(one.sink().describe());
    assertThat(one.sink().describe().identity()).isNotBlank();
  }

  @Test
  void insertsReplacesAndDeletes() throws Exception {
    Target target = target("/region");
    RecordingCallback callback = new RecordingCallback();
    try (WriteSession session = target.sink().openSession()) {
      session.write(upsert("7", "eu", Map.of("state", "placed", "note", "x")), callback);
      session.write(upsert("8", "eu", Map.of("state", "placed")), callback);
      session.flush();
      assertThat(target.read(DocumentKey.of("7", "eu")))
          .contains(json("{'id':'7','region':'eu','state':'placed','note':'x'}"));

      session.write(upsert("7", "eu", Map.of("state", "sent")), callback);
      session.write(delete("8", "eu"), callback);
      session.flush();

      assertThat(target.read(DocumentKey.of("7", "eu")))
          .contains(json("{'id':'7','region':'eu','state':'sent'}"));
      assertThat(target.read(DocumentKey.of("8", "eu"))).isEmpty();
      assertThat(callback.written()).hasSize(4);
      assertThat(session.statistics().upserted()).isEqualTo(3);
      assertThat(session.statistics().deleted()).isEqualTo(1);
      assertThat(session.statistics().rejected()).isZero();
      assertThat(session.statistics().requestUnits())
          .isEqualTo(callback.requestUnits(), org.assertj.core.api.Assertions.within(1e-6));
    }
  }

  @Test
  void takesTheDeletionOfAMissingDocumentAsDone() throws Exception {
    Target target = target("/region");
    RecordingCallback callback = new RecordingCallback();
    try (WriteSession session = target.sink().openSession()) {
      session.write(delete("7", "eu"), callback);
      session.flush();

      assertThat(callback.written()).hasSize(1);
      assertThat(session.statistics().deleted()).isEqualTo(1);
    }
  }

  @Test
  void neverReplacesANewerDocumentByAnOlderOne() throws Exception {
    Target target = target("/region");
    assumeTrue(target.sink() instanceof GuardedDocumentSink);
    RecordingCallback callback = new RecordingCallback();
    DocumentKey key = DocumentKey.of("7", "eu");
    try (WriteSession session = target.sink().openSession()) {
      session.write(guarded("7", 5, "five"), callback);
      session.flush();
      session.write(guarded("7", 4, "four"), callback);
      session.flush();
      assertThat(target.read(key).orElseThrow().get("state").textValue()).isEqualTo("five");
      session.write(guarded("7", 5, "five again"), callback);
      session.flush();
      assertThat(target.read(key).orElseThrow().get("state").textValue()).isEqualTo("five again");
      session.write(guarded("7", 6, "six"), callback);
      session.flush();
      assertThat(target.read(key).orElseThrow().get("state").textValue()).isEqualTo("six");
      assertThat(callback.written()).hasSize(4);
      assertThat(callback.rejections()).isEmpty();
    }
  }

  @Test
  void neverDeletesANewerDocumentForAnOlderVersion() throws Exception {
    Target target = target("/region");
    assumeTrue(target.sink() instanceof GuardedDocumentSink);
    RecordingCallback callback = new RecordingCallback();
    DocumentKey key = DocumentKey.of("7", "eu");
    try (WriteSession session = target.sink().openSession()) {
      session.write(guarded("7", 5, "five"), callback);
      session.flush();
      session.write(new DocumentOperation.DeleteIfNewer(key, 4), callback);
      session.flush();
      assertThat(target.read(key)).isPresent();
      session.write(new DocumentOperation.DeleteIfNewer(key, 5), callback);
      session.write(new DocumentOperation.DeleteIfNewer(DocumentKey.of("8", "eu"), 5), callback);
      session.flush();
      assertThat(target.read(key)).isEmpty();
      assertThat(callback.written()).hasSize(4);
    }
  }

  @Test
  void takesADocumentWithoutAVersionAsOlderThanAll() throws Exception {
    Target target = target("/region");
    assumeTrue(target.sink() instanceof GuardedDocumentSink);
    try (WriteSession session = target.sink().openSession()) {
      session.write(upsert("7", "eu", Map.of("state", "foreign")), new RecordingCallback());
      session.flush();
      session.write(guarded("7", 0, "ours"), new RecordingCallback());
      session.flush();
    }
    assertThat(target.read(DocumentKey.of("7", "eu")).orElseThrow().get("state").textValue())
        .isEqualTo("ours");
  }

  @Test
  void scansEveryDocumentAsItWasWritten() throws Exception {
    Target target = target("/region");
    assumeTrue(target.sink() instanceof ScannableDocumentSink);
    List<Document> written = new ArrayList<>();
    try (WriteSession session = target.sink().openSession()) {
      for (int i = 0; i < 250; i++) {
        DocumentOperation.Upsert one =
            (DocumentOperation.Upsert) upsert("id" + i, i % 2 == 0 ? "eu" : "us", Map.of("n", i));
        written.add(one.document());
        session.write(one, new RecordingCallback());
      }
      session.flush();
    }

    Map<DocumentKey, JsonNode> scanned = new HashMap<>();
    ((ScannableDocumentSink) target.sink())
        .scan(
            document -> {
              try {
                assertThat(scanned.put(document.key(), JSON.readTree(document.json()))).isNull();
              } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });

    Map<DocumentKey, JsonNode> expected = new HashMap<>();
    for (Document document : written) {
      expected.put(document.key(), JSON.readTree(document.json()));
    }
    assertThat(scanned).isEqualTo(expected);
  }

  private static DocumentOperation guarded(String id, long version, String state) {
    return new DocumentOperation.UpsertIfNewer(
        Document.of(
            DocumentKey.of(id, "eu"),
            Map.of("region", "eu", "state", state, Document.SOURCE_VERSION, version)),
        version);
  }

  @Test
  void tellsTheIdsOfDifferentPartitionsApart() throws Exception {
    Target target = target("/region");
    try (WriteSession session = target.sink().openSession()) {
      session.write(upsert("7", "eu", Map.of("n", 1)), new RecordingCallback());
      session.write(upsert("7", "us", Map.of("n", 2)), new RecordingCallback());
      session.write(delete("7", "ap"), new RecordingCallback());
      session.flush();
    }

    assertThat(target.read(DocumentKey.of("7", "eu")).orElseThrow().get("n").intValue())
        .isEqualTo(1);
    assertThat(target.read(DocumentKey.of("7", "us")).orElseThrow().get("n").intValue())
        .isEqualTo(2);
    assertThat(target.count()).isEqualTo(2);
  }

  @Test
  void hasWrittenEverythingWhenFlushReturns() throws Exception {
    Target target = target("/region");
    RecordingCallback callback = new RecordingCallback();
    try (WriteSession session = target.sink().openSession()) {
      for (int round = 1; round <= 3; round++) {
        for (int i = 0; i < 7; i++) {
          session.write(upsert(round + "-" + i, "r" + i, Map.of("n", i)), callback);
        }
        session.flush();

        assertThat(callback.written()).hasSize(round * 7);
        assertThat(target.count()).isEqualTo(round * 7L);
      }
      session.flush();
    }
  }

  @Test
  void keepsTheOrderOfWritesOfOneDocument() throws Exception {
    Target target = target("/region");
    RecordingCallback callback = new RecordingCallback();
    try (WriteSession session = target.sink().openSession()) {
      for (int version = 1; version <= 40; version++) {
        session.write(
            version % 10 == 0
                ? new DocumentOperation.Delete(DocumentKey.of("hot", "eu"), version)
                : upsert("hot", "eu", Map.of("version", version)),
            callback);
        session.write(upsert("cold" + version, "eu", Map.of("version", version)), callback);
      }
      session.write(upsert("hot", "eu", Map.of("version", 41)), callback);
      session.flush();
    }

    assertThat(target.read(DocumentKey.of("hot", "eu")).orElseThrow().get("version").intValue())
        .isEqualTo(41);
    assertThat(target.count()).isEqualTo(41);
    assertThat(
            callback.written().stream()
                .filter(operation -> operation.key().id().equals("hot"))
                .map(DocumentOperation::sourceVersion))
        .isSorted();
  }

  @Test
  void writesManyDocumentsWithBoundedWorkInFlight() throws Exception {
    int count = 20_000;
    Target target = target("/region");
    RecordingCallback callback = new RecordingCallback();
    long most = 0;
    try (WriteSession session = target.sink().openSession()) {
      for (int i = 0; i < count; i++) {
        session.write(upsert("d" + i, "r" + i % 50, Map.of("n", i, "half", i / 2.0)), callback);
        most = Math.max(most, i + 1L - callback.count());
      }
      session.flush();

      assertThat(session.statistics().upserted()).isEqualTo(count);
    }

    assertThat(callback.written().stream().map(DocumentOperation::key).distinct()).hasSize(count);
    assertThat(callback.count()).isEqualTo(count);
    assertThat(most).isLessThanOrEqualTo(target.maxInFlightOperations());
    assertThat(target.count()).isEqualTo(count);
    for (int i = 0; i < count; i += 997) {
      assertThat(target.read(DocumentKey.of("d" + i, "r" + i % 50)).orElseThrow().get("n").asInt())
          .isEqualTo(i);
    }
  }

  @Test
  void takesOperationsFromSeveralThreads() throws Exception {
    int threads = 4;
    int each = 1_000;
    Target target = target("/region");
    RecordingCallback callback = new RecordingCallback();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try (WriteSession session = target.sink().openSession()) {
      List<Callable<Void>> writers = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int thread = t;
        writers.add(
            () -> {
              for (int i = 0; i < each; i++) {
                session.write(upsert(thread + "-" + i, "r" + i % 9, Map.of("n", i)), callback);
                if (i % 250 == 0) {
                  session.write(upsert("shared", "r", Map.of("n", i)), callback);
                  session.flush();
                }
              }
              session.flush();
              return null;
            });
      }
      for (Future<Void> writer : pool.invokeAll(writers)) {
        writer.get();
      }
    } finally {
      pool.shutdownNow();
    }

    assertThat(callback.written()).hasSize(threads * (each + 4));
    assertThat(target.count()).isEqualTo(threads * each + 1L);
  }

  static Stream<String> bodies() {
    return Stream.of(
        "{'id':'7','region':'eu'}",
        "{'region':'eu','a':1,'id':'7'}",
        "{'id':'7','region':'eu','empty':{},'none':[],'null':null,'yes':true,'no':false,'text':''}",
        "{'id':'7','region':'eu','zero':0,'one':1,'minus':-1,'half':0.5,'third':-1.25e-7}",
        "{'id':'7','region':'eu','exact':9007199254740991,'max':1.7976931348623157E308}",
        "{'id':'7','region':'eu','list':[1,'a',null,[true,[]],{'deep':{'deeper':[{}]}}]}",
        "{'id':'7','region':'eu','escapes':'\\b\\f\\n\\r\\t\\\" \\\\ / \\u0000 \\u001f \\u2028'}",
        "{'id':'7','region':'eu','unicode':'é 你好 \\ud83d\\ude00 😀 ×'}",
        "{'id':'7','region':'eu','prop erty':1,'a.b':2,'a/b':3,'ключ':4,'\\\"':5,'':6}",
        "{ 'id' : '7' ,\n\t'region' : 'eu' , 'spaces' : [ 1 , 2 ] }");
  }

  @ParameterizedTest
  @MethodSource("bodies")
  void storesTheBodyAsItIs(String body) throws Exception {
    Target target = target("/region");
    RecordingCallback callback = new RecordingCallback();
    String text = body.replace('\'', '"');
    DocumentKey key = DocumentKey.of("7", "eu");
    try (WriteSession session = target.sink().openSession()) {
      session.write(
          new DocumentOperation.Upsert(Document.ofJson(key, text.getBytes(UTF_8)), 1), callback);
      session.flush();
    }

    assertThat(callback.written()).hasSize(1);
    assertThat(target.read(key)).contains(JSON.readTree(text));
  }

  @Test
  void storesALargeDocument() throws Exception {
    Target target = target("/region");
    RecordingCallback callback = new RecordingCallback();
    String text = "é你😀x".repeat(50_000);
    try (WriteSession session = target.sink().openSession()) {
      session.write(upsert("7", "eu", Map.of("text", text)), callback);
      session.write(upsert("8", "eu", Map.of("text", "small")), callback);
      session.flush();
    }

    assertThat(target.read(DocumentKey.of("7", "eu")).orElseThrow().get("text").textValue())
        .isEqualTo(text);
    assertThat(callback.written()).hasSize(2);
  }

  static Stream<Object> keyValues() {
    return Stream.of("", "é你😀", "with \"quotes\" and \\", "x".repeat(1_000), 5, 0, -1.5, 1e-7)
        .map(value -> (Object) value);
  }

  @ParameterizedTest
  @MethodSource("keyValues")
  void takesEveryKindOfPartitionKeyValue(Object value) throws Exception {
    roundTrip(List.of("/region"), DocumentKey.of("7", value), Map.of("region", value));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void takesBooleanPartitionKeyValues(boolean value) throws Exception {
    roundTrip(List.of("/region"), DocumentKey.of("7", value), Map.of("region", value));
  }

  @Test
  void tellsANullFromAnAbsentPartitionKeyValue() throws Exception {
    Target target = target("/region");
    DocumentKey ofNull = DocumentKey.of("7", (Object) null);
    DocumentKey ofAbsent = DocumentKey.of("7", DocumentKey.ABSENT);
    Map<String, Object> nulls = new LinkedHashMap<>();
    nulls.put("region", null);
    nulls.put("n", 1);
    RecordingCallback callback = new RecordingCallback();
    try (WriteSession session = target.sink().openSession()) {
      session.write(new DocumentOperation.Upsert(Document.of(ofNull, nulls), 1), callback);
      session.write(
          new DocumentOperation.Upsert(Document.of(ofAbsent, Map.of("n", 2)), 1), callback);
      session.flush();
      assertThat(target.read(ofNull).orElseThrow().get("n").intValue()).isEqualTo(1);
      assertThat(target.read(ofAbsent).orElseThrow().get("n").intValue()).isEqualTo(2);

      session.write(new DocumentOperation.Delete(ofAbsent, 2), callback);
      session.flush();
    }

    assertThat(target.read(ofAbsent)).isEmpty();
    assertThat(target.read(ofNull)).isPresent();
    assertThat(callback.written()).hasSize(3);
  }

  @Test
  void takesHierarchicalPartitionKeys() throws Exception {
    List<String> paths = List.of("/tenant", "/user/name", "/kind");
    roundTrip(
        paths,
        DocumentKey.of("7", "acme", "é", 3),
        Map.of("tenant", "acme", "user", Map.of("name", "é"), "kind", 3));
  }

  @Test
  void takesHierarchicalPartitionKeysWithNullAndAbsentLevels() throws Exception {
    Target target = target("/tenant", "/user/name");
    DocumentKey ofNull = DocumentKey.of("7", "acme", null);
    DocumentKey ofAbsent = DocumentKey.of("7", "acme", DocumentKey.ABSENT);
    Map<String, Object> user = new LinkedHashMap<>();
    user.put("name", null);
    RecordingCallback callback = new RecordingCallback();
    try (WriteSession session = target.sink().openSession()) {
      session.write(
          new DocumentOperation.Upsert(
              Document.of(ofNull, Map.of("tenant", "acme", "user", user)), 1),
          callback);
      session.write(
          new DocumentOperation.Upsert(Document.of(ofAbsent, Map.of("tenant", "acme")), 1),
          callback);
      session.flush();
      assertThat(target.count()).isEqualTo(2);

      session.write(new DocumentOperation.Delete(ofNull, 2), callback);
      session.write(new DocumentOperation.Delete(ofAbsent, 2), callback);
      session.flush();
    }

    assertThat(callback.written()).hasSize(4);
    assertThat(target.count()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "é你😀", "a b", "%20", "a+b&c=d", "\"", "'", "\u0001", "a.b:c;d@e"})
  void takesIdsOfEveryAllowedCharacter(String id) throws Exception {
    roundTrip(List.of("/region"), DocumentKey.of(id, "eu"), Map.of("region", "eu"));
  }

  @Test
  void takesTheLongestId() throws Exception {
    roundTrip(List.of("/region"), DocumentKey.of("x".repeat(1_023), "eu"), Map.of("region", "eu"));
    roundTrip(List.of("/region"), DocumentKey.of("é".repeat(511), "eu"), Map.of("region", "eu"));
  }

  @Test
  void rejectsWhatTheTargetNeverTakesAndWritesTheRest() throws Exception {
    Target target = target("/region");
    RecordingCallback good = new RecordingCallback();
    Map<String, DocumentOperation> bad = new LinkedHashMap<>();
    bad.put("empty id", upsert("", "eu", Map.of()));
    bad.put("slash in id", upsert("a/b", "eu", Map.of()));
    bad.put("backslash in id", delete("a\\b", "eu"));
    bad.put("question mark in id", delete("a?b", "eu"));
    bad.put("hash in id", upsert("a#b", "eu", Map.of()));
    bad.put("long id", upsert("é".repeat(512), "eu", Map.of()));
    bad.put("too few levels", new DocumentOperation.Delete(DocumentKey.of("1", "eu", "x"), 1));
    bad.put("long key", upsert("1", "x".repeat(2_049), Map.of()));
    bad.put("other id", upsert(DocumentKey.of("2", "eu"), "{'id':'3','region':'eu'}"));
    bad.put("no id", upsert(DocumentKey.of("2", "eu"), "{'region':'eu'}"));
    bad.put("number as id", upsert(DocumentKey.of("2", "eu"), "{'id':2,'region':'eu'}"));
    bad.put("other key", upsert(DocumentKey.of("2", "eu"), "{'id':'2','region':'us'}"));
    bad.put("absent key", upsert(DocumentKey.of("2", "eu"), "{'id':'2'}"));
    bad.put("null key", upsert(DocumentKey.of("2", "eu"), "{'id':'2','region':null}"));
    bad.put("key of other kind", upsert(DocumentKey.of("2", "1"), "{'id':'2','region':1}"));
    bad.put("no JSON", upsert(DocumentKey.of("2", "eu"), "{'id':'2','region':'eu',}"));
    bad.put("two objects", upsert(DocumentKey.of("2", "eu"), "{'id':'2','region':'eu'},{}"));

    try (WriteSession session = target.sink().openSession()) {
      int i = 0;
      for (Map.Entry<String, DocumentOperation> entry : bad.entrySet()) {
        RecordingCallback callback = new RecordingCallback();
        session.write(upsert("good" + i++, "eu", Map.of()), good);
        session.write(entry.getValue(), callback);
        session.flush();

        assertThat(callback.written()).as(entry.getKey()).isEmpty();
        assertThat(callback.rejections()).as(entry.getKey()).hasSize(1);
        assertThat(callback.rejections().get(0).reason())
            .as(entry.getKey())
            .isEqualTo(Rejection.Reason.INVALID);
        assertThat(callback.rejections().get(0).message()).isNotBlank();
      }
      assertThat(session.statistics().rejected()).isEqualTo(bad.size());
    }
    assertThat(good.written()).hasSize(bad.size());
    assertThat(target.count()).isEqualTo(bad.size());
  }

  @Test
  void rejectsADocumentOfMoreThanTwoMebibytes() throws Exception {
    Target target = target("/region");
    RecordingCallback callback = new RecordingCallback();
    String frame = "{'id':'7','region':'eu','text':''}";
    String fits = frame.replace("''", "'" + "x".repeat(MAX_DOCUMENT_BYTES - frame.length()) + "'");
    String over = fits.replace("'xx", "'xxx");
    try (WriteSession session = target.sink().openSession()) {
      session.write(upsert(DocumentKey.of("7", "eu"), over), callback);
      session.flush();
      assertThat(callback.rejections()).hasSize(1);
      assertThat(callback.rejections().get(0).reason()).isEqualTo(Rejection.Reason.TOO_LARGE);
      assertThat(callback.rejections().get(0).message()).contains("2097153");
      assertThat(target.count()).isZero();
    }
  }

  @Test
  void takesNothingOnceItIsClosed() throws Exception {
    Target target = target("/region");
    WriteSession session = target.sink().openSession();
    session.write(upsert("7", "eu", Map.of()), new RecordingCallback());
    session.flush();

    session.close();
    session.close();

    assertThatThrownBy(() -> session.write(delete("7", "eu"), new RecordingCallback()))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(session::flush).isInstanceOf(IllegalStateException.class);
    assertThat(session.statistics().upserted()).isEqualTo(1);
    assertThat(target.read(DocumentKey.of("7", "eu"))).isPresent();
  }

  @Test
  void opensSeveralSessions() throws Exception {
    Target target = target("/region");
    try (WriteSession one = target.sink().openSession();
        WriteSession other = target.sink().openSession()) {
      one.write(upsert("7", "eu", Map.of()), new RecordingCallback());
      other.write(upsert("8", "eu", Map.of()), new RecordingCallback());
      one.flush();
      one.close();
      other.write(upsert("9", "eu", Map.of()), new RecordingCallback());
      other.flush();

      assertThat(one.statistics().upserted()).isEqualTo(1);
      assertThat(other.statistics().upserted()).isEqualTo(2);
    }
    assertThat(target.count()).isEqualTo(3);
  }

  @Test
  void givesUpWaitingWhenItsThreadIsInterrupted() {
    Target target = target("/region");
    try (WriteSession session = target.sink().openSession()) {
      RecordingCallback callback = new RecordingCallback();
      assertThatThrownBy(
              () -> {
                session.write(upsert("7", "eu", Map.of("n", 1)), callback);
                Thread.currentThread().interrupt();
                session.flush();
              })
          .isInstanceOf(InterruptedException.class);
      assertThat(Thread.interrupted()).isFalse();
    }
  }

  @Test
  void mayBeClosedTwice() {
    Target target = target("/region");

    target.sink().close();
    target.sink().close();
  }

  private void roundTrip(List<String> paths, DocumentKey key, Map<String, Object> properties)
      throws Exception {
    Target target = target(paths.toArray(String[]::new));
    RecordingCallback callback = new RecordingCallback();
    Document document = Document.of(key, properties);
    try (WriteSession session = target.sink().openSession()) {
      session.write(new DocumentOperation.Upsert(document, 1), callback);
      session.flush();
      assertThat(callback.rejections()).isEmpty();
      assertThat(target.read(key)).contains(JSON.readTree(document.json()));

      session.write(new DocumentOperation.Delete(key, 2), callback);
      session.flush();
      assertThat(target.read(key)).isEmpty();
      assertThat(callback.written()).hasSize(2);
    }
  }

  /** An upsert into a container with partition key {@code /region}. */
  public static DocumentOperation upsert(
      String id, String region, Map<String, ? extends Object> properties) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("region", region);
    body.putAll(properties);
    Object version = properties.get("version");
    return new DocumentOperation.Upsert(
        Document.of(DocumentKey.of(id, region), body),
        version instanceof Integer number ? number : 1);
  }

  /** An upsert of a body with single quotes for double ones. */
  public static DocumentOperation upsert(DocumentKey key, String body) {
    return new DocumentOperation.Upsert(
        Document.ofJson(key, body.replace('\'', '"').getBytes(UTF_8)), 1);
  }

  /** A delete in a container with partition key {@code /region}. */
  public static DocumentOperation delete(String id, String region) {
    return new DocumentOperation.Delete(DocumentKey.of(id, region), 1);
  }

  private static JsonNode json(String text) throws Exception {
    return JSON.readTree(text.replace('\'', '"'));
  }
}
