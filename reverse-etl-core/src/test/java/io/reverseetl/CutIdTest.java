package io.reverseetl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.FileDeadLetterSink;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.table.Column;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.Row;
import io.reverseetl.table.StructType;
import io.reverseetl.testing.PipelineTester;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A user's own mapper that cuts ids, and cuts a character in two with them. */
class CutIdTest {
  private static final StructType SCHEMA =
      StructType.of(
          Column.required("name", Primitive.STRING), Column.required("region", Primitive.STRING));

  /** Of names that differ in the last character only, whose first halves differ as well. */
  private static final String GRIN = "Zq\uD83D\uDE00";

  private static final String CLEF = "Zq\uD834\uDD1E";

  private static final DocumentMapper FIRST_THREE =
      new DocumentMapper() {
        @Override
        public void map(Row row, Consumer<Document> documents) {
          String id = row.getString("name").substring(0, 3);
          String region = row.getString("region");
          documents.accept(Document.of(DocumentKey.of(id, region), Map.of("region", region)));
        }

        @Override
        public List<String> partitionKeyPaths() {
          return List.of("/region");
        }
      };

  @Test
  void aLoadDoesNotMakeOneDocumentOfTwo() {
    PipelineTester tester = PipelineTester.of(SCHEMA, FIRST_THREE);
    tester.commit(tester.insert(GRIN, "eu"), tester.insert(CLEF, "eu"));

    assertThatThrownBy(tester::load)
        .isInstanceOf(MappingException.class)
        .hasMessageContaining("The id is not valid Unicode")
        .hasMessageContaining("cut text between code points")
        .hasMessageNotContaining("Zq");

    assertThat(tester.documents()).isEmpty();
  }

  @Test
  void aPollDoesNotMakeOneDocumentOfTwo() {
    PipelineTester tester = PipelineTester.of(SCHEMA, FIRST_THREE);
    tester.commit(tester.insert("abc", "eu"));
    tester.load();
    tester.commit(tester.insert(GRIN, "eu"), tester.insert(CLEF, "eu"));

    assertThatThrownBy(tester::poll)
        .isInstanceOf(MappingException.class)
        .hasMessageContaining("The id is not valid Unicode");

    assertThat(tester.documents()).containsOnlyKeys(DocumentKey.of("abc", "eu"));
  }

  @Test
  void suchRowsAreSetAsideWhereThereAreDeadLetters(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("dead-letters.jsonl");
    try (FileDeadLetterSink letters = FileDeadLetterSink.of(file)) {
      PipelineTester tester =
          PipelineTester.builder(SCHEMA, FIRST_THREE)
              .pipeline(pipeline -> pipeline.deadLetters(letters))
              .build();
      tester.commit(tester.insert("abc", "eu"), tester.insert(GRIN, "eu"));
      assertThat(tester.load().deadLetters()).isEqualTo(1);
      tester.commit(tester.insert("xyz", "eu"), tester.insert(CLEF, "eu"));

      assertThat(tester.poll().deadLetters()).isEqualTo(1);

      assertThat(tester.documents())
          .containsOnlyKeys(DocumentKey.of("abc", "eu"), DocumentKey.of("xyz", "eu"));
    }
    assertThat(Files.readAllLines(file)).hasSize(2).allMatch(line -> line.contains("\"MAPPING\""));
  }
}
