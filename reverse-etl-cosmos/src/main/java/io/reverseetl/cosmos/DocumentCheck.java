package io.reverseetl.cosmos;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.Rejection;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds what the service would refuse before it is sent. One bad operation can end the client's
 * whole bulk call, and a body that is no JSON spoils the batch that it travels in.
 *
 * <p>Thread-safe.
 */
final class DocumentCheck {
  /** What the service takes as one document, and as one request. */
  static final int MAX_DOCUMENT_BYTES = 2 * 1_024 * 1_024;

  private static final int MAX_ID_BYTES = 1_023;
  private static final int MAX_KEY_BYTES = 2_048;
  private static final JsonFactory JSON =
      JsonFactory.builder().disable(JsonFactory.Feature.INTERN_FIELD_NAMES).build();

  private final List<String> paths;

  // The property names of each path; none for a path with quotes, which is left to the service.
  private final List<List<String>> segments;

  DocumentCheck(List<String> partitionKeyPaths) {
    this.paths = partitionKeyPaths;
    this.segments = partitionKeyPaths.stream().map(DocumentCheck::segments).toList();
  }

  private static List<String> segments(String path) {
    boolean plain = path.startsWith("/") && path.indexOf('"') < 0 && path.indexOf('\'') < 0;
    return plain ? List.of(path.substring(1).split("/", -1)) : List.of();
  }

  /** Returns why an operation must not be sent, or null. */
  @Nullable Rejection check(DocumentOperation operation) {
    DocumentKey key = operation.key();
    String problem = problem(key);
    Document document = operation.body().orElse(null);
    if (problem == null && document != null) {
      if (document.sizeInBytes() > MAX_DOCUMENT_BYTES) {
        return new Rejection(
            Rejection.Reason.TOO_LARGE,
            0,
            "The document has "
                + document.sizeInBytes()
                + " bytes of UTF-8 JSON, but Cosmos DB takes at most "
                + MAX_DOCUMENT_BYTES
                + ". Map less, or split it.");
      }
      problem = document.isConsistent() ? null : problem(document);
    }
    return problem == null ? null : new Rejection(Rejection.Reason.INVALID, 0, problem);
  }

  private @Nullable String problem(DocumentKey key) {
    String id = key.id();
    if (id.isEmpty()) {
      return "The id is empty.";
    }
    if (isLonger(id, MAX_ID_BYTES)) {
      return "The id has more than 1,023 bytes of UTF-8. Shorten or hash it in the mapper.";
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      if (c == '/' || c == '\\' || c == '?' || c == '#') {
        return "The id has a '" + c + "', which Cosmos DB does not allow. Escape it in the mapper.";
      }
    }
    List<@Nullable Object> levels = key.levels();
    if (levels.size() != paths.size()) {
      return "The partition key has "
          + levels.size()
          + " levels, but the container has "
          + paths.size()
          + " ("
          + String.join(", ", paths)
          + "). Mend the mapper.";
    }
    for (int i = 0; i < paths.size(); i++) {
      if (levels.get(i) instanceof String text && isLonger(text, MAX_KEY_BYTES)) {
        return "The value of partition key " + paths.get(i) + " has more than 2,048 bytes.";
      }
    }
    return null;
  }

  private static boolean isLonger(String text, int maxBytes) {
    if (text.length() * 3 <= maxBytes) {
      return false;
    }
    int bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // Each half of a surrogate pair stands for two of its four bytes.
      bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return bytes > maxBytes;
  }

  private @Nullable String problem(Document document) {
    try (JsonParser parser = JSON.createParser(document.json())) {
      Body body = new Body(parser, document.key());
      parser.nextToken();
      body.object(0, (1 << segments.size()) - 1);
      if (parser.nextToken() != null) {
        return "The body is more than one JSON object.";
      }
      return body.problem();
    } catch (JsonProcessingException e) {
      // Its message would quote the body.
      return "The body is no JSON at byte " + e.getLocation().getByteOffset() + ".";
    } catch (IOException e) {
      throw new IllegalStateException("Bytes in memory can be read.", e);
    }
  }

  /** Walks through one body and compares the properties that the key repeats. */
  private final class Body {
    private final JsonParser parser;
    private final DocumentKey key;
    private boolean idFound;
    private int levelsFound;
    private @Nullable String problem;

    Body(JsonParser parser, DocumentKey key) {
      this.parser = parser;
      this.key = key;
    }

    /** Reads one object, where the levels of the mask go on with their segment at this depth. */
    void object(int depth, int levels) throws IOException {
      String name;
      while ((name = parser.nextFieldName()) != null) {
        JsonToken token = parser.nextToken();
        if (depth == 0 && name.equals("id")) {
          id(token);
        }
        int deeper = 0;
        for (int level = 0; level < segments.size(); level++) {
          List<String> path = segments.get(level);
          if ((levels & (1 << level)) != 0 && depth < path.size() && path.get(depth).equals(name)) {
            if (depth == path.size() - 1) {
              level(level, token);
            } else {
              deeper |= 1 << level;
            }
          }
        }
        if (token == JsonToken.START_OBJECT && deeper != 0) {
          object(depth + 1, deeper);
        } else {
          parser.skipChildren();
        }
      }
    }

    private void id(JsonToken token) throws IOException {
      idFound = true;
      if (token != JsonToken.VALUE_STRING || !key.id().equals(parser.getText())) {
        problem = "The body's property \"id\" differs from the id of the key. Mend the mapper.";
      }
    }

    private void level(int level, JsonToken token) throws IOException {
      Object expected = key.levels().get(level);
      boolean same;
      switch (token) {
        case VALUE_STRING -> same = parser.getText().equals(expected);
        case VALUE_TRUE -> same = Boolean.TRUE.equals(expected);
        case VALUE_FALSE -> same = Boolean.FALSE.equals(expected);
        case VALUE_NULL -> same = expected == null;
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
            same = expected instanceof Double number && number == parser.getDoubleValue();
        default -> same = expected == DocumentKey.ABSENT; // Objects and arrays have no place.
      }
      levelsFound |= 1 << level;
      if (!same) {
        differs(level);
      }
    }

    private void differs(int level) {
      problem =
          "The body's property "
              + paths.get(level)
              + " differs from the value of the partition key. Mend the mapper.";
    }

    @Nullable String problem() {
      if (!idFound) {
        return "The body has no property \"id\". Mend the mapper.";
      }
      for (int level = 0; level < segments.size(); level++) {
        if ((levelsFound & (1 << level)) == 0
            && !segments.get(level).isEmpty()
            && key.levels().get(level) != DocumentKey.ABSENT) {
          differs(level);
        }
      }
      return problem;
    }
  }
}
