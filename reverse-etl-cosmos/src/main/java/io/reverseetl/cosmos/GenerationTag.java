package io.reverseetl.cosmos;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes documents of one generation out of documents, and back: the id gets the generation's id
 * before it, and a property names the generation. All else stays byte for byte. Thread-safe.
 */
final class GenerationTag {
  private static final JsonFactory JSON = new JsonFactory();
  private static final ObjectMapper TREES = new ObjectMapper();

  private final String generation;
  private final String prefix;
  private final List<String> partitionKeyPaths;
  private final byte[] property;

  GenerationTag(String generation, List<String> partitionKeyPaths) {
    this.generation = generation;
    this.prefix = generation + SnapshotView.SEPARATOR;
    this.partitionKeyPaths = partitionKeyPaths;
    this.property =
        (",\"" + SnapshotView.GENERATION + "\":\"" + generation + "\"}")
            .getBytes(StandardCharsets.UTF_8);
  }

  DocumentOperation tag(DocumentOperation operation) {
    if (operation instanceof DocumentOperation.Upsert upsert) {
      return new DocumentOperation.Upsert(tag(upsert.document()), upsert.sourceVersion());
    }
    if (operation instanceof DocumentOperation.UpsertIfNewer upsert) {
      return new DocumentOperation.UpsertIfNewer(tag(upsert.document()), upsert.sourceVersion());
    }
    if (operation instanceof DocumentOperation.Delete delete) {
      return new DocumentOperation.Delete(tag(delete.key()), delete.sourceVersion());
    }
    if (operation instanceof DocumentOperation.DeleteIfNewer delete) {
      return new DocumentOperation.DeleteIfNewer(tag(delete.key()), delete.sourceVersion());
    }
    throw new IllegalArgumentException(
        "A generation flag cannot be put on a " + operation.getClass().getSimpleName() + ".");
  }

  DocumentKey tag(DocumentKey key) {
    return withId(key, prefix + key.id());
  }

  /** A document without an id stays as it is; the service's rules refuse it for that. */
  Document tag(Document document) {
    DocumentKey key = tag(document.key());
    byte[] tagged = tagged(document.json());
    if (tagged == null) {
      return Document.ofJson(key, document.json());
    }
    return document.isConsistent()
        ? Document.ofConsistentJson(key, tagged)
        : Document.ofJson(key, tagged);
  }

  private byte @Nullable [] tagged(byte[] json) {
    try (JsonParser parser = JSON.createParser(json)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean isId = "id".equals(parser.currentName());
        if (parser.nextToken() == JsonToken.VALUE_STRING && isId) {
          int from = (int) parser.currentTokenLocation().getByteOffset();
          String id = parser.getText();
          int to = (int) parser.currentLocation().getByteOffset();
          return spliced(json, from, to, prefix + id);
        }
        parser.skipChildren();
      }
      return null;
    } catch (IOException e) {
      return null;
    }
  }

  private byte[] spliced(byte[] json, int from, int to, String id) {
    byte[] quoted = JsonStringEncoder.getInstance().quoteAsUTF8(id);
    ByteArrayOutputStream out =
        new ByteArrayOutputStream(json.length + prefix.length() + property.length);
    out.write(json, 0, from);
    out.write('"');
    out.write(quoted, 0, quoted.length);
    out.write('"');
    out.write(json, to, json.length - 1 - to);
    out.write(property, 0, property.length);
    return out.toByteArray();
  }

  /** Whether a stored document is of this generation, by its id as well. */
  boolean isOurs(DocumentKey stored) {
    return stored.id().startsWith(prefix);
  }

  /** The key as it was before it was stored. */
  DocumentKey untag(DocumentKey stored) {
    return withId(stored, stored.id().substring(prefix.length()));
  }

  /** The document as it was before it was stored. */
  Document untag(Document stored) {
    try {
      ObjectNode body = (ObjectNode) TREES.readTree(stored.json());
      DocumentKey key = untag(stored.key());
      body.put("id", key.id());
      body.remove(SnapshotView.GENERATION);
      return Document.ofConsistentJson(key, TREES.writeValueAsBytes(body));
    } catch (IOException e) {
      throw new IllegalStateException("What was JSON is JSON.", e);
    }
  }

  private DocumentKey withId(DocumentKey key, String id) {
    @Nullable Object[] levels = key.levels().toArray();
    for (int i = 0; i < levels.length && i < partitionKeyPaths.size(); i++) {
      if (partitionKeyPaths.get(i).equals("/id")) {
        levels[i] = id;
      }
    }
    return DocumentKey.of(id, levels);
  }

  String generation() {
    return generation;
  }
}
