package io.reverseetl.document;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.reverseetl.exceptions.WriteException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Appends dead letters to a file, one JSON object a line: {@code time}, {@code pipeline}, {@code
 * sourceVersion}, {@code sourceLocation}, {@code reason}, {@code message}, and where the row became
 * a document {@code id}, {@code partitionKey} (an array; {@code {}} stands for an absent property)
 * and {@code document}.
 *
 * <p>The file holds row values: guard it as the table is guarded. It is made with the first dead
 * letter, so that without one there is no file. Thread-safe; one process at a time.
 */
public final class FileDeadLetterSink implements DeadLetterSink {
  private static final JsonFactory JSON = new JsonFactory();
  private static final ObjectMapper TREE =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  private final Path file;
  private @Nullable FileChannel channel;
  private boolean dirty;
  private boolean closed;

  private FileDeadLetterSink(Path file) {
    this.file = Objects.requireNonNull(file, "file");
  }

  /**
   * A sink on a file.
   *
   * @param file where to append; missing folders are made
   * @return the sink
   */
  public static FileDeadLetterSink of(Path file) {
    return new FileDeadLetterSink(file);
  }

  /**
   * Reads the dead letters of a file, for example to replay them. A torn last line, which a crash
   * leaves, is passed over.
   *
   * @param file the file; need not be there
   * @return the dead letters in the order in which they were written; empty without a file
   * @throws WriteException if the file cannot be read, or a line is no dead letter
   */
  public static List<DeadLetter> read(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new WriteException("Cannot read dead letters from " + file + ". See to its rights.", e);
    }
    List<DeadLetter> letters = new ArrayList<>();
    int end;
    for (int start = 0; (end = text.indexOf('\n', start)) >= 0; start = end + 1) {
      letters.add(parse(text.substring(start, end), file, letters.size() + 1));
    }
    return letters;
  }

  private static DeadLetter parse(String line, Path file, int number) {
    try {
      JsonNode json = TREE.readTree(line);
      return new DeadLetter(
          Instant.parse(json.path("time").asText()),
          json.path("pipeline").asText(),
          json.path("sourceVersion").asLong(),
          json.path("sourceLocation").asText(),
          json.path("reason").asText(),
          json.path("message").asText(),
          json.has("document") ? Optional.of(document(json)) : Optional.empty());
    } catch (IOException | DateTimeException | IllegalArgumentException e) {
      throw new WriteException("Line " + number + " of " + file + " is no dead letter.", e);
    }
  }

  private static Document document(JsonNode json) throws IOException {
    JsonNode partitionKey = json.path("partitionKey");
    @Nullable Object[] levels = new Object[partitionKey.size()];
    for (int i = 0; i < levels.length; i++) {
      JsonNode level = partitionKey.get(i);
      levels[i] =
          level.isObject()
              ? DocumentKey.ABSENT
              : level.isNumber()
                  ? Double.valueOf(level.doubleValue())
                  : level.isBoolean()
                      ? Boolean.valueOf(level.booleanValue())
                      : level.isNull() ? null : level.textValue();
    }
    return Document.ofJson(
        DocumentKey.of(json.path("id").asText(), levels),
        TREE.writeValueAsBytes(json.get("document")));
  }

  @Override
  public synchronized void write(DeadLetter letter) {
    if (closed) {
      throw new IllegalStateException("The dead letter sink is closed.");
    }
    ByteBuffer line = ByteBuffer.wrap(line(letter));
    try {
      FileChannel open = open();
      while (line.hasRemaining()) {
        open.write(line);
      }
      dirty = true;
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private FileChannel open() throws IOException {
    if (channel == null) {
      Path folder = file.toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ);
      channel.position(endOfLastLine(channel));
      channel.truncate(channel.position());
    }
    return channel;
  }

  /** A crash may have torn the last line; what comes after must begin a line of its own. */
  private static long endOfLastLine(FileChannel channel) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    for (long end = channel.size(); end > 0; end--) {
      one.clear();
      channel.read(one, end - 1);
      if (one.get(0) == '\n') {
        return end;
      }
    }
    return 0;
  }

  private static byte[] line(DeadLetter letter) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringField("time", letter.time().toString());
      json.writeStringField("pipeline", letter.pipeline());
      json.writeNumberField("sourceVersion", letter.sourceVersion());
      json.writeStringField("sourceLocation", letter.sourceLocation());
      json.writeStringField("reason", letter.reason());
      json.writeStringField("message", letter.message());
      if (letter.document().isPresent()) {
        Document document = letter.document().get();
        json.writeStringField("id", document.key().id());
        json.writeArrayFieldStart("partitionKey");
        for (Object level : document.key().levels()) {
          if (level == DocumentKey.ABSENT) {
            json.writeStartObject();
            json.writeEndObject();
          } else {
            json.writeObject(level);
          }
        }
        json.writeEndArray();
        json.writeFieldName("document");
        json.writeRawValue(new String(document.json(), StandardCharsets.UTF_8));
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("Memory does not fail to be written.", e);
    }
    bytes.write('\n');
    return bytes.toByteArray();
  }

  @Override
  public synchronized void flush() {
    if (channel == null || !dirty) {
      return;
    }
    try {
      channel.force(true);
      dirty = false;
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    FileChannel open = channel;
    if (open == null) {
      return;
    }
    try (open) {
      flush();
    } catch (IOException e) {
      throw failed(e);
    } finally {
      channel = null;
    }
  }

  private WriteException failed(IOException e) {
    return new WriteException(
        "Cannot write dead letters to "
            + file
            + ": "
            + e.getMessage()
            + ". Make the file writable and run again.",
        e);
  }
}
