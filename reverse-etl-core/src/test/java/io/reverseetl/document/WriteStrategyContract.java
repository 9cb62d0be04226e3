package io.reverseetl.document;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.reverseetl.document.DocumentOperation.IfMissing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a sink keeps that is a {@link ConditionalDocumentSink}, a {@link PatchingDocumentSink} and a
 * {@link GuardedDocumentSink}. A test of an implementation extends it.
 */
public abstract class WriteStrategyContract {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String UNLOCKED = "c.locked = false";
  private static final DocumentKey KEY = DocumentKey.of("7", "eu");

  /** A target that can also be looked at as somebody else would. */
  public interface Target extends DocumentSinkContract.Target {
    /** What names the state of a document. */
    String etag(DocumentKey key);

    /** Says what a condition means, to a sink that does not know the query language. */
    void define(String condition, Predicate<Map<String, Object>> meaning);
  }

  private final RecordingCallback callback = new RecordingCallback();
  private final List<Target> targets = new ArrayList<>();
  private Target target;

  /** Makes an empty target. */
  protected abstract Target open(List<String> partitionKeyPaths);

  @BeforeEach
  void openTarget() {
    target = target("/region");
    target.define(UNLOCKED, document -> Boolean.FALSE.equals(document.get("locked")));
  }

  private Target target(String... paths) {
    Target opened = open(List.of(paths));
    targets.add(opened);
    return opened;
  }

  @AfterEach
  void closeTargets() {
    targets.forEach(Target::close);
  }

  private WriteStatistics write(DocumentOperation... operations) throws InterruptedException {
    return write(target, operations);
  }

  private WriteStatistics write(Target to, DocumentOperation... operations)
      throws InterruptedException {
    try (WriteSession session = to.sink().openSession()) {
      for (DocumentOperation operation : operations) {
        session.write(operation, callback);
      }
      session.flush();
      return session.statistics();
    }
  }

  private JsonNode stored() {
    return target.read(KEY).orElseThrow();
  }

  private static JsonNode json(String text) throws Exception {
    return JSON.readTree(text.replace('\'', '"'));
  }

  private static Document document(String body) {
    return document(KEY, body);
  }

  private static Document document(DocumentKey key, String body) {
    return Document.ofJson(key, body.replace('\'', '"').getBytes(UTF_8));
  }

  private static DocumentOperation put(String body) {
    return new DocumentOperation.Upsert(document(body), 1);
  }

  private static DocumentOperation merge(String body, String... owned) {
    return new DocumentOperation.MergeFields(
        document(body), Set.of(owned), IfMissing.CREATE, false, 1);
  }

  private static DocumentOperation patch(FieldChange... changes) {
    return new DocumentOperation.Patch(KEY, List.of(changes), null, IfMissing.REJECT, false, 1);
  }

  // Create

  @Test
  void createsOnlyWhereNothingStands() throws Exception {
    write(new DocumentOperation.Create(document("{'id':'7','region':'eu','n':1}"), 1));

    WriteStatistics second =
        write(new DocumentOperation.Create(document("{'id':'7','region':'eu','n':2}"), 2));

    assertThat(stored()).isEqualTo(json("{'id':'7','region':'eu','n':1}"));
    assertThat(callback.written()).hasSize(2);
    assertThat(second.unchanged()).isEqualTo(1);
    assertThat(second.upserted()).isZero();
  }

  // Unmodified

  @Test
  void replacesOnlyWhatNobodyChanged() throws Exception {
    write(put("{'id':'7','region':'eu','n':1,'old':true}"));
    String etag = target.etag(KEY);

    WriteStatistics first =
        write(
            new DocumentOperation.ReplaceIfUnmodified(
                document("{'id':'7','region':'eu','n':2}"), etag, 2));
    WriteStatistics second =
        write(
            new DocumentOperation.ReplaceIfUnmodified(
                document("{'id':'7','region':'eu','n':3}"), etag, 3));

    assertThat(stored()).isEqualTo(json("{'id':'7','region':'eu','n':2}"));
    assertThat(first.upserted()).isEqualTo(1);
    assertThat(second.unchanged()).isEqualTo(1);
    assertThat(callback.rejections()).isEmpty();
  }

  @Test
  void doesNotBringBackWhatIsGone() throws Exception {
    WriteStatistics statistics =
        write(
            new DocumentOperation.ReplaceIfUnmodified(
                document("{'id':'7','region':'eu'}"), "\"1\"", 1));

    assertThat(target.read(KEY)).isEmpty();
    assertThat(statistics.unchanged()).isEqualTo(1);
  }

  @Test
  void createsWithoutAnEtagUnlessSomethingStands() throws Exception {
    DocumentOperation create =
        new DocumentOperation.ReplaceIfUnmodified(
            document("{'id':'7','region':'eu','n':1}"), null, 1);
    DocumentOperation again =
        new DocumentOperation.ReplaceIfUnmodified(
            document("{'id':'7','region':'eu','n':2}"), null, 2);

    WriteStatistics statistics = write(create, again);

    assertThat(stored().get("n").intValue()).isEqualTo(1);
    assertThat(statistics.upserted()).isEqualTo(1);
    assertThat(statistics.unchanged()).isEqualTo(1);
  }

  @Test
  void deletesOnlyWhatNobodyChanged() throws Exception {
    write(put("{'id':'7','region':'eu','n':1}"));
    String etag = target.etag(KEY);
    write(put("{'id':'7','region':'eu','n':2}"));

    WriteStatistics changed = write(new DocumentOperation.DeleteIfUnmodified(KEY, etag, 2));
    assertThat(stored().get("n").intValue()).isEqualTo(2);
    WriteStatistics same =
        write(new DocumentOperation.DeleteIfUnmodified(KEY, target.etag(KEY), 2));
    WriteStatistics gone = write(new DocumentOperation.DeleteIfUnmodified(KEY, etag, 2));

    assertThat(target.read(KEY)).isEmpty();
    assertThat(changed.unchanged()).isEqualTo(1);
    assertThat(same.deleted()).isEqualTo(1);
    assertThat(gone.unchanged()).isEqualTo(1);
  }

  // Owned fields

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 8, 9, 10, 11, 40})
  void setsOwnedFieldsAndLeavesTheRest(int more) throws Exception {
    write(put("{'id':'7','region':'eu','name':'a','app':{'theirs':[1,2.5]},'number':1e-7}"));
    StringBuilder fields = new StringBuilder();
    for (int i = 0; i < more; i++) {
      fields.append(",'f").append(i).append("':").append(i);
    }

    write(merge("{'id':'7','region':'eu','name':'b','segment':null" + fields + "}", "name"));

    assertThat(stored())
        .isEqualTo(
            json(
                "{'id':'7','region':'eu','name':'b','app':{'theirs':[1,2.5]},'number':1e-7,"
                    + "'segment':null"
                    + fields
                    + "}"));
    assertThat(callback.rejections()).isEmpty();
  }

  @Test
  void takesOwnedFieldsOutThatTheBodyLacks() throws Exception {
    write(put("{'id':'7','region':'eu','name':'a','segment':'x','app':1}"));

    write(merge("{'id':'7','region':'eu','name':'b'}", "name", "segment", "never"));

    assertThat(stored()).isEqualTo(json("{'id':'7','region':'eu','name':'b','app':1}"));
  }

  @Test
  void createsADocumentOfOwnedFieldsWhereNoneStands() throws Exception {
    write(merge("{'id':'7','region':'eu','name':'b'}", "name", "segment"));

    assertThat(stored()).isEqualTo(json("{'id':'7','region':'eu','name':'b'}"));
  }

  @Test
  void passesOverOrRejectsWhatIsMissing() throws Exception {
    Document body = document("{'id':'7','region':'eu','name':'b'}");
    WriteStatistics skipped =
        write(
            new DocumentOperation.MergeFields(
                body, Set.of("name", "gone"), IfMissing.SKIP, false, 1),
            new DocumentOperation.MergeFields(body, Set.of("name"), IfMissing.SKIP, false, 1),
            new DocumentOperation.Patch(
                KEY, List.of(FieldChange.set("/n", 1)), null, IfMissing.SKIP, false, 1));
    WriteStatistics rejected =
        write(
            new DocumentOperation.MergeFields(
                body, Set.of("name", "gone"), IfMissing.REJECT, false, 1),
            new DocumentOperation.MergeFields(body, Set.of("name"), IfMissing.REJECT, false, 1),
            patch(FieldChange.set("/n", 1)));

    assertThat(target.read(KEY)).isEmpty();
    assertThat(skipped.unchanged()).isEqualTo(3);
    assertThat(rejected.rejected()).isEqualTo(3);
    assertThat(callback.rejections())
        .extracting(Rejection::reason)
        .containsOnly(Rejection.Reason.MISSING);
  }

  @ParameterizedTest
  @ValueSource(strings = {"name", "a/b", "a~b", "a~1b", "0", "-", "", "ключ", "with 'quote"})
  void mergesFieldsOfEveryName(String name) throws Exception {
    String quoted = JSON.writeValueAsString(name);
    write(
        new DocumentOperation.Upsert(
            Document.ofJson(
                KEY,
                ("{\"id\":\"7\",\"region\":\"eu\",\"app\":1," + quoted + ":1}").getBytes(UTF_8)),
            1));

    write(
        new DocumentOperation.MergeFields(
            Document.ofJson(
                KEY, ("{\"id\":\"7\",\"region\":\"eu\"," + quoted + ":[2]}").getBytes(UTF_8)),
            Set.of(name),
            IfMissing.REJECT,
            false,
            1));

    assertThat(stored().get(name)).isEqualTo(json("[2]"));
    assertThat(stored().get("app").intValue()).isEqualTo(1);
    assertThat(stored()).hasSize(4);
  }

  @Test
  void keepsFieldsBesideANestedPartitionKey() throws Exception {
    Target nested = target("/tenant", "/user/name");
    DocumentKey key = DocumentKey.of("7", "acme", "é");
    String body = "{'id':'7','tenant':'acme','user':{'name':'é'},";
    write(nested, new DocumentOperation.Upsert(document(key, body + "'app':1}"), 1));

    write(
        nested,
        new DocumentOperation.MergeFields(
            document(key, body + "'ours':2}"), Set.of("ours"), IfMissing.REJECT, false, 2));

    assertThat(nested.read(key)).contains(json(body + "'app':1,'ours':2}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"name", "gone"})
  void neverMergesIntoANewerDocument(String owned) throws Exception {
    write(put("{'id':'7','region':'eu','name':'a','_sourceVersion':5,'app':1}"));

    WriteStatistics older = write(mergeIfNewer("b", 4, owned));
    assertThat(stored().get("name").textValue()).isEqualTo("a");
    assertThat(older.unchanged()).isEqualTo(1);
    write(mergeIfNewer("c", 5, owned));
    assertThat(stored().get("name").textValue()).isEqualTo("c");
    write(mergeIfNewer("d", 6, owned));

    assertThat(stored())
        .isEqualTo(json("{'id':'7','region':'eu','name':'d','_sourceVersion':6,'app':1}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"name", "gone"})
  void mergesIntoAForeignDocumentAsOlderThanAll(String owned) throws Exception {
    write(put("{'id':'7','region':'eu','app':1,'_sourceVersion':'text'}"));

    write(mergeIfNewer("a", 0, owned));

    assertThat(stored())
        .isEqualTo(json("{'id':'7','region':'eu','app':1,'name':'a','_sourceVersion':0}"));
  }

  private static DocumentOperation mergeIfNewer(String name, long version, String owned) {
    return new DocumentOperation.MergeFields(
        document("{'id':'7','region':'eu','name':'" + name + "','_sourceVersion':" + version + "}"),
        Set.of(owned),
        IfMissing.CREATE,
        true,
        version);
  }

  // Patch

  @Test
  void changesPartsOfADocument() throws Exception {
    write(
        put(
            "{'id':'7','region':'eu','a':{'b':1,'c':2},'list':[1,2,3],'count':5,'half':1.5,"
                + "'a/b':1}"));

    write(
        patch(
            FieldChange.set("/a/b", List.of("x")),
            FieldChange.set("/new", null),
            FieldChange.set("/list/0", 9),
            FieldChange.replace("/count", 6),
            FieldChange.set("/a~1b", Map.of("deep", true))));

    assertThat(stored())
        .isEqualTo(
            json(
                "{'id':'7','region':'eu','a':{'b':['x'],'c':2},'list':[9,2,3],'count':6,"
                    + "'half':1.5,'a/b':{'deep':true},'new':null}"));
  }

  @Test
  void addsOnceForEachVersion() throws Exception {
    write(put("{'id':'7','region':'eu','list':[1,3],'count':5,'half':1.5,'old':1}"));
    DocumentOperation patch =
        new DocumentOperation.Patch(
            KEY,
            List.of(
                FieldChange.increment("/count", 2),
                FieldChange.increment("/half", -0.25),
                FieldChange.increment("/fresh", 1),
                FieldChange.add("/list/1", 2),
                FieldChange.add("/list/-", 4),
                FieldChange.remove("/old")),
            null,
            IfMissing.REJECT,
            true,
            3);

    WriteStatistics first = write(patch);
    WriteStatistics second = write(patch);

    assertThat(stored())
        .isEqualTo(
            json(
                "{'id':'7','region':'eu','list':[1,2,3,4],'count':7,'half':1.25,'fresh':1,"
                    + "'_sourceVersion':3}"));
    assertThat(first.upserted()).isEqualTo(1);
    assertThat(second.unchanged()).isEqualTo(1);
    assertThat(callback.rejections()).isEmpty();
  }

  @Test
  void changesOnlyWhatMeetsTheCondition() throws Exception {
    DocumentOperation patch =
        new DocumentOperation.Patch(
            KEY, List.of(FieldChange.set("/n", 2)), UNLOCKED, IfMissing.SKIP, false, 1);
    write(put("{'id':'7','region':'eu','n':1,'locked':true}"));
    WriteStatistics locked = write(patch);
    assertThat(stored().get("n").intValue()).isEqualTo(1);
    write(put("{'id':'7','region':'eu','n':1,'locked':false}"));

    WriteStatistics unlocked = write(patch);

    assertThat(stored().get("n").intValue()).isEqualTo(2);
    assertThat(locked.unchanged()).isEqualTo(1);
    assertThat(unlocked.upserted()).isEqualTo(1);
  }

  static Stream<FieldChange> impossible() {
    return Stream.of(
        FieldChange.replace("/nothing", 1),
        FieldChange.set("/nothing/below", 1),
        FieldChange.set("/list/7", 1));
  }

  @ParameterizedTest
  @MethodSource("impossible")
  void rejectsAChangeThatIsNotPossibleAsAWhole(FieldChange impossible) throws Exception {
    String before = "{'id':'7','region':'eu','n':1,'list':[]}";
    write(put(before));

    WriteStatistics statistics = write(patch(FieldChange.set("/n", 2), impossible));

    assertThat(stored()).isEqualTo(json(before));
    assertThat(statistics.rejected()).isEqualTo(1);
    assertThat(callback.rejections().get(0).reason()).isEqualTo(Rejection.Reason.INVALID);
  }

  // All of them

  @Test
  void keepsTheOrderOfDifferentOperationsOfOneDocument() throws Exception {
    List<DocumentOperation> operations = new ArrayList<>();
    for (int round = 0; round < 10; round++) {
      operations.add(put("{'id':'7','region':'eu','round':" + round + "}"));
      operations.add(merge("{'id':'7','region':'eu','a':1}", "a", "b"));
      operations.add(patch(FieldChange.set("/a", 2), FieldChange.set("/b", 3)));
      operations.add(new DocumentOperation.Delete(KEY, 1));
      operations.add(
          new DocumentOperation.Create(
              document("{'id':'7','region':'eu','created':" + round + "}"), 1));
      operations.add(merge("{'id':'7','region':'eu','b':" + round + "}", "b"));
    }

    WriteStatistics statistics = write(operations.toArray(DocumentOperation[]::new));

    assertThat(stored()).isEqualTo(json("{'id':'7','region':'eu','created':9,'b':9}"));
    assertThat(statistics.unchanged()).isZero();
    assertThat(callback.written()).hasSize(60);
  }

  static Stream<DocumentKey> keys() {
    return Stream.of(
        DocumentKey.of("7", "acme", "x"),
        DocumentKey.of("7", "acme", null),
        DocumentKey.of("7", null, null),
        DocumentKey.of("7", "acme", DocumentKey.ABSENT),
        DocumentKey.of("7", DocumentKey.ABSENT, DocumentKey.ABSENT),
        DocumentKey.of("é 7", true, 1.5));
  }

  @ParameterizedTest
  @MethodSource("keys")
  void takesEveryKindOfKeyInEveryOperation(DocumentKey key) throws Exception {
    Target hierarchical = target("/tenant", "/kind");
    Map<String, Object> names = new LinkedHashMap<>();
    List<String> paths = List.of("tenant", "kind");
    for (int i = 0; i < 2; i++) {
      if (key.levels().get(i) != DocumentKey.ABSENT) {
        names.put(paths.get(i), key.levels().get(i));
      }
    }
    Map<String, Object> one = new HashMap<>(names);
    one.put("n", 1);
    one.put("_sourceVersion", 1);
    Document first = Document.of(key, one);
    one.put("n", 2);
    one.put("_sourceVersion", 2);
    Document second = Document.of(key, one);
    one.put("n", 3);
    one.put("_sourceVersion", 3);
    Document third = Document.of(key, one);

    write(hierarchical, new DocumentOperation.Create(first, 1));
    write(hierarchical, new DocumentOperation.UpsertIfNewer(second, 2));
    write(hierarchical, new DocumentOperation.UpsertIfNewer(first, 1));
    assertThat(hierarchical.read(key)).contains(JSON.readTree(second.json()));
    write(
        hierarchical,
        new DocumentOperation.MergeFields(third, Set.of("n"), IfMissing.REJECT, true, 3));
    write(
        hierarchical,
        new DocumentOperation.MergeFields(third, Set.of("n", "gone"), IfMissing.REJECT, true, 3));
    assertThat(hierarchical.read(key)).contains(JSON.readTree(third.json()));
    write(
        hierarchical,
        new DocumentOperation.Patch(
            key, List.of(FieldChange.increment("/n", 1)), null, IfMissing.REJECT, true, 4));
    assertThat(hierarchical.read(key).orElseThrow().get("n").intValue()).isEqualTo(4);
    write(
        hierarchical, new DocumentOperation.ReplaceIfUnmodified(first, hierarchical.etag(key), 5));
    write(hierarchical, new DocumentOperation.DeleteIfUnmodified(key, hierarchical.etag(key), 6));
    assertThat(hierarchical.read(key)).isEmpty();
    write(hierarchical, new DocumentOperation.UpsertIfNewer(first, 1));
    write(hierarchical, new DocumentOperation.DeleteIfNewer(key, 0));
    assertThat(hierarchical.read(key)).isPresent();
    write(hierarchical, new DocumentOperation.DeleteIfNewer(key, 1));

    assertThat(hierarchical.read(key)).isEmpty();
    assertThat(hierarchical.count()).isZero();
    assertThat(callback.rejections()).isEmpty();
  }
}
