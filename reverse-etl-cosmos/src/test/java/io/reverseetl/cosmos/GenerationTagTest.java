package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class GenerationTagTest {
  private final GenerationTag tag = new GenerationTag("2-7f3a", List.of("/region"));

  private static Document document(String id, String json) {
    return Document.ofConsistentJson(
        DocumentKey.of(id, "eu"), json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void changesTheIdAndAddsThePropertyAndNothingElse() {
    Document tagged =
        tag.tag(
            document(
                "7",
                "{\"n\":1.10E+400, \"id\" : \"7\",\"sub\":{\"id\":\"x\"},\"t\":\"é\\u00e9\"}"));

    assertThat(tagged.text())
        .isEqualTo(
            "{\"n\":1.10E+400, \"id\" : \"2-7f3a~7\",\"sub\":{\"id\":\"x\"},"
                + "\"t\":\"é\\u00e9\",\"_generation\":\"2-7f3a\"}");
    assertThat(tagged.key()).isEqualTo(DocumentKey.of("2-7f3a~7", "eu"));
    assertThat(tagged.isConsistent()).isTrue();
  }

  @Test
  void findsTheIdBehindNestedValuesAndEscapes() {
    Document tagged =
        tag.tag(document("a\"é", "{\"id2\":\"q\",\"l\":[{\"id\":\"y\"}],\"id\":\"a\\\"\\u00e9\"}"));

    assertThat(tagged.text())
        .isEqualTo(
            "{\"id2\":\"q\",\"l\":[{\"id\":\"y\"}],\"id\":\"2-7f3a~a\\\"é\","
                + "\"_generation\":\"2-7f3a\"}");
  }

  @Test
  void givesTheDocumentBackAsItWas() {
    Document document = document("7", "{\"id\":\"7\",\"region\":\"eu\",\"n\":1}");

    Document back = tag.untag(tag.tag(document));

    assertThat(back.text()).isEqualTo(document.text());
    assertThat(back.key()).isEqualTo(document.key());
  }

  @Test
  void changesAPartitionKeyThatIsTheId() {
    GenerationTag byId = new GenerationTag("2-7f3a", List.of("/tenant", "/id"));

    assertThat(byId.tag(DocumentKey.of("7", "acme", "7")))
        .isEqualTo(DocumentKey.of("2-7f3a~7", "acme", "2-7f3a~7"));
  }

  @Test
  void tagsEveryOperation() {
    Document document = document("7", "{\"id\":\"7\",\"region\":\"eu\"}");
    DocumentKey tagged = DocumentKey.of("2-7f3a~7", "eu");

    assertThat(tag.tag(new DocumentOperation.Upsert(document, 3)).key()).isEqualTo(tagged);
    assertThat(tag.tag(new DocumentOperation.UpsertIfNewer(document, 3)).key()).isEqualTo(tagged);
    assertThat(tag.tag(new DocumentOperation.Delete(document.key(), 3)))
        .isEqualTo(new DocumentOperation.Delete(tagged, 3));
    assertThat(tag.tag(new DocumentOperation.DeleteIfNewer(document.key(), 3)))
        .isEqualTo(new DocumentOperation.DeleteIfNewer(tagged, 3));
  }

  @Test
  void leavesABodyWithoutAnIdToTheChecksOfTheSession() {
    Document noId =
        Document.ofJson(
            DocumentKey.of("7", "eu"), "{\"region\":\"eu\"}".getBytes(StandardCharsets.UTF_8));

    assertThat(tag.tag(noId).text()).isEqualTo("{\"region\":\"eu\"}");
    assertThat(
            new DocumentCheck(List.of("/region"))
                .check(tag.tag(new DocumentOperation.Upsert(noId, 1))))
        .isNotNull();
  }
}
