package io.reverseetl.cosmos;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.cosmos.emulator.EmulatedContainer;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.DocumentOperation.IfMissing;
import io.reverseetl.document.FieldChange;
import io.reverseetl.document.RecordingCallback;
import io.reverseetl.document.WriteSession;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Operations of every kind on many documents, of which each has exactly one right outcome, however
 * often a request is lost, refused or sent twice.
 */
final class MixedJob {
  private static final int EACH = 30;
  private static final List<String> SYSTEM =
      List.of("_rid", "_self", "_etag", "_attachments", "_ts");

  private final List<String> before = new ArrayList<>();
  private final List<DocumentOperation> operations = new ArrayList<>();
  private final Map<String, String> expected = new TreeMap<>();

  MixedJob() {
    for (int i = 0; i < EACH; i++) {
      String region = "r" + i % 7;
      there("replaced" + i, region, "'n':0,'old':true", null);
      does(new DocumentOperation.Upsert(body("replaced" + i, region, "'n':1"), 5));
      expects("replaced" + i, region, "'n':1");

      does(new DocumentOperation.Upsert(body("inserted" + i, region, "'n':1"), 5));
      expects("inserted" + i, region, "'n':1");

      there("deleted" + i, region, "'n':0", null);
      does(new DocumentOperation.Delete(key("deleted" + i, region), 5));

      does(new DocumentOperation.Create(body("created" + i, region, "'n':1"), 5));
      expects("created" + i, region, "'n':1");

      there("older" + i, region, "'n':0,'_sourceVersion':4", null);
      does(
          new DocumentOperation.UpsertIfNewer(
              body("older" + i, region, "'n':1,'_sourceVersion':5"), 5));
      expects("older" + i, region, "'n':1,'_sourceVersion':5");

      there("newer" + i, region, "'n':2,'_sourceVersion':6", "'n':2,'_sourceVersion':6");
      does(
          i % 2 == 0
              ? new DocumentOperation.DeleteIfNewer(key("newer" + i, region), 5)
              : new DocumentOperation.UpsertIfNewer(
                  body("newer" + i, region, "'n':1,'_sourceVersion':5"), 5));

      there("went" + i, region, "'n':0,'_sourceVersion':5", null);
      does(new DocumentOperation.DeleteIfNewer(key("went" + i, region), 5));

      there("merged" + i, region, "'theirs':" + i + ",'ours':0", null);
      does(
          new DocumentOperation.MergeFields(
              body("merged" + i, region, "'ours':1"), Set.of("ours"), IfMissing.REJECT, false, 5));
      expects("merged" + i, region, "'theirs':" + i + ",'ours':1");

      there("shrunk" + i, region, "'theirs':" + i + ",'gone':0,'_sourceVersion':1", null);
      does(
          new DocumentOperation.MergeFields(
              body("shrunk" + i, region, "'ours':1,'_sourceVersion':5"),
              Set.of("ours", "gone"),
              IfMissing.CREATE,
              true,
              5));
      expects("shrunk" + i, region, "'theirs':" + i + ",'ours':1,'_sourceVersion':5");

      there("counted" + i, region, "'count':1", null);
      does(
          new DocumentOperation.Patch(
              key("counted" + i, region),
              List.of(FieldChange.increment("/count", 1)),
              null,
              IfMissing.REJECT,
              true,
              5));
      expects("counted" + i, region, "'count':2,'_sourceVersion':5");
    }
  }

  int size() {
    return operations.size();
  }

  private static DocumentKey key(String id, String region) {
    return DocumentKey.of(id, region);
  }

  private static String json(String id, String region, String rest) {
    return ("{'id':'" + id + "','region':'" + region + "'," + rest + "}").replace('\'', '"');
  }

  private static Document body(String id, String region, String rest) {
    return Document.ofJson(key(id, region), json(id, region, rest).getBytes(UTF_8));
  }

  private void there(String id, String region, String rest, String after) {
    before.add(json(id, region, rest));
    if (after != null) {
      expects(id, region, after);
    }
  }

  private void does(DocumentOperation operation) {
    operations.add(operation);
  }

  private void expects(String id, String region, String rest) {
    expected.put(id, json(id, region, rest));
  }

  /** Puts what is there before. */
  void prepare(EmulatedContainer container) {
    before.forEach(container::put);
  }

  /** Hands every operation over, and waits for its end. */
  void write(WriteSession session, RecordingCallback callback) throws InterruptedException {
    write(session, callback, 0, operations.size());
  }

  /** Hands some over. */
  void write(WriteSession session, RecordingCallback callback, int from, int to)
      throws InterruptedException {
    for (DocumentOperation operation : operations.subList(from, to)) {
      session.write(operation, callback);
    }
    session.flush();
  }

  /** Nothing is lost, nothing done twice, nothing newer overwritten. */
  void assertOutcome(EmulatedContainer container, RecordingCallback callback) throws Exception {
    assertThat(callback.rejections()).isEmpty();
    assertThat(callback.written().stream().map(DocumentOperation::key).distinct())
        .hasSize(operations.size());
    assertThat(callback.count()).isEqualTo(operations.size());
    assertDocuments(container);
  }

  void assertDocuments(EmulatedContainer container) throws Exception {
    Map<String, Object> actual = new TreeMap<>();
    for (ObjectNode document : container.documents()) {
      actual.put(document.get("id").textValue(), document.remove(SYSTEM));
    }
    Map<String, Object> right = new TreeMap<>();
    ObjectMapper mapper = new ObjectMapper();
    for (Map.Entry<String, String> entry : expected.entrySet()) {
      right.put(entry.getKey(), mapper.readTree(entry.getValue()));
    }
    assertThat(actual).isEqualTo(right);
  }
}
