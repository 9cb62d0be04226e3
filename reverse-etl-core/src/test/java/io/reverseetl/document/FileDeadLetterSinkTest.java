package io.reverseetl.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.reverseetl.exceptions.WriteException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileDeadLetterSinkTest extends DeadLetterSinkContract {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void chooseAFile() {
    file = folder.resolve("deep").resolve("letters.jsonl");
  }

  @Override
  protected ReadableDeadLetterSink sink() {
    return FileDeadLetterSink.of(file);
  }

  private static DeadLetter letter(String reason, Optional<Document> document) {
    return new DeadLetter(
        Instant.parse("2026-01-02T03:04:05Z"), "orders", 7, "row 3", reason, "Why.", document);
  }

  private List<JsonNode> lines() throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  @Test
  void makesNoFileWithoutADeadLetter() {
    try (var sink = FileDeadLetterSink.of(file)) {
      sink.flush();
    }

    assertThat(file).doesNotExist();
  }

  @Test
  void writesEverythingThatIsKnownOfALetter() throws IOException {
    Document document =
        Document.of(
            DocumentKey.of("ü", "eu", 1.5, DocumentKey.ABSENT),
            Map.of("region", "eu", "level", 1.5));

    try (var sink = FileDeadLetterSink.of(file)) {
      sink.write(letter("TOO_LARGE", Optional.of(document)));
    }

    assertThat(lines())
        .containsExactly(
            JSON.readTree(
                """
                {"time":"2026-01-02T03:04:05Z","pipeline":"orders","sourceVersion":7,
                 "sourceLocation":"row 3","reason":"TOO_LARGE","message":"Why.","documentId":"ü",
                 "partitionKey":["eu",1.5,{}],
                 "document":{"id":"ü","region":"eu","level":1.5}}"""));
  }

  @Test
  void keepsWhatEarlierRunsWrote() throws IOException {
    try (var sink = FileDeadLetterSink.of(file)) {
      sink.write(letter("A", Optional.empty()));
    }

    try (var sink = FileDeadLetterSink.of(file)) {
      sink.write(letter("B", Optional.empty()));
    }

    assertThat(lines()).extracting(line -> line.get("reason").asText()).containsExactly("A", "B");
  }

  @Test
  void dropsALineThatACrashTore() throws IOException {
    try (var sink = FileDeadLetterSink.of(file)) {
      sink.write(letter("A", Optional.empty()));
    }
    Files.writeString(file, "{\"time\":\"2026", StandardOpenOption.APPEND);

    try (var sink = FileDeadLetterSink.of(file)) {
      sink.write(letter("B", Optional.empty()));
    }

    assertThat(lines()).extracting(line -> line.get("reason").asText()).containsExactly("A", "B");
  }

  @Test
  void goesOnOnceTheFileCanBeWrittenAgain() throws IOException {
    try (var sink = FileDeadLetterSink.of(file)) {
      // given
      Files.createDirectories(file);
      assertThatThrownBy(() -> sink.write(letter("A", Optional.empty())))
          .isInstanceOf(WriteException.class);

      // when
      Files.delete(file);
      sink.write(letter("B", Optional.empty()));
      sink.flush();

      // then
      assertThat(lines()).extracting(line -> line.get("reason").asText()).containsExactly("B");
    }
  }

  @Test
  void saysWhichFileCannotBeWritten() throws IOException {
    Files.createDirectories(file);
    try (var sink = FileDeadLetterSink.of(file)) {
      assertThatThrownBy(() -> sink.write(letter("A", Optional.empty())))
          .isInstanceOf(WriteException.class)
          .hasMessageContaining("letters.jsonl");
    }
  }

  @Test
  void leavesTheFileAsItWasWhenItCannotBeReplaced() throws IOException {
    try (var sink = FileDeadLetterSink.of(file)) {
      sink.write(letter("A", Optional.empty()));
      sink.flush();
      Files.createDirectories(file.resolveSibling(file.getFileName() + ".new"));

      assertThatThrownBy(() -> sink.remove("orders", List.of(letter("A", Optional.empty()).id())))
          .isInstanceOf(WriteException.class)
          .hasMessageContaining("letters.jsonl");
      sink.write(letter("B", Optional.empty()));
    }

    assertThat(lines()).extracting(line -> line.get("reason").asText()).containsExactly("A", "B");
  }

  @Test
  void saysWhichLineIsNoDeadLetter() throws IOException {
    try (var sink = FileDeadLetterSink.of(file)) {
      sink.write(letter("A", Optional.empty()));
    }
    Files.writeString(file, "{\"some\":1}\n", StandardOpenOption.APPEND);

    assertThatThrownBy(() -> FileDeadLetterSink.of(file).read("orders", stored -> {}))
        .isInstanceOf(WriteException.class)
        .hasMessageContaining("Line 2 of")
        .hasMessageContaining("letters.jsonl");
  }

  @Test
  void keepsLettersThatComeFromAnInterruptedThread() throws IOException {
    try (var sink = FileDeadLetterSink.of(file)) {
      sink.write(letter("A", Optional.empty()));
      Thread.currentThread().interrupt();
      try {
        sink.write(letter("B", Optional.empty()));
        sink.flush();
      } finally {
        assertThat(Thread.interrupted()).isTrue();
      }
      sink.write(letter("C", Optional.empty()));
      Thread.currentThread().interrupt();
      try {
        sink.remove("orders", List.of(letter("B", Optional.empty()).id()));
      } finally {
        assertThat(Thread.interrupted()).isTrue();
      }
    }

    assertThat(lines()).extracting(line -> line.get("reason").asText()).containsExactly("A", "C");
  }
}
