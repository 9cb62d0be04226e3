package io.reverseetl.document;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A document: its key, and its body as UTF-8 JSON, which is the form that it keeps from the mapper
 * to the wire. So its size is known, and nothing has to be turned into a tree again.
 *
 * <p>Immutable as long as nobody changes the array, and thread-safe.
 */
public final class Document {
  /**
   * The property that holds the version of the table that a document comes from, for targets that
   * stamp their documents. Mappers leave it free.
   */
  public static final String SOURCE_VERSION = "_sourceVersion";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final DocumentKey key;
  private final byte[] json;
  private final boolean consistent;

  private Document(DocumentKey key, byte[] json, boolean consistent) {
    this.key = Objects.requireNonNull(key, "key");
    this.json = Objects.requireNonNull(json, "json");
    this.consistent = consistent;
  }

  /**
   * A document whose JSON is ready.
   *
   * @param key id and partition key; the same values must stand in the body, which is not checked
   *     here
   * @param json one JSON object in UTF-8, without surrounding white space; not copied, so do not
   *     change it afterwards
   * @return the document
   * @throws IllegalArgumentException if the bytes do not begin and end as an object does
   */
  public static Document ofJson(DocumentKey key, byte[] json) {
    if (json.length < 2 || json[0] != '{' || json[json.length - 1] != '}') {
      throw new IllegalArgumentException(
          "A document's JSON is one object, from { to }, without surrounding white space.");
    }
    return new Document(key, json, false);
  }

  /**
   * A document whose JSON is ready, and of which the caller knows that it is well formed and holds
   * the id and the partition key's values of the key, as both were written from the same values.
   * Sinks then need not read the body again before they send it.
   *
   * @param key id and partition key
   * @param json one JSON object in UTF-8, without surrounding white space; not copied, so do not
   *     change it afterwards
   * @return the document
   * @throws IllegalArgumentException if the bytes do not begin and end as an object does
   */
  public static Document ofConsistentJson(DocumentKey key, byte[] json) {
    return new Document(key, ofJson(key, json).json, true);
  }

  /**
   * A document of plain Java values: strings, numbers, booleans, nulls, lists and maps. The id is
   * added as property {@code id}; the partition key's properties must be among the values.
   *
   * @param key id and partition key
   * @param properties the body; an entry {@code id} must equal the key's id
   * @return the document
   * @throws IllegalArgumentException if a value has no JSON form (NaN and the infinities included),
   *     is a number that Cosmos DB would round, is not valid Unicode, or nests deeper than 128
   *     levels, or {@code id} differs from the key's
   */
  public static Document of(DocumentKey key, Map<String, ? extends @Nullable Object> properties) {
    Object id = properties.get("id");
    if (id != null && !id.equals(key.id())) {
      throw new IllegalArgumentException("The property \"id\" differs from the id of the key.");
    }
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    body.put("id", key.id());
    body.putAll(properties);
    body.put("id", key.id());
    PlainValues.check(body);
    try {
      return new Document(key, JSON.writeValueAsBytes(body), false);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("The properties have no JSON form.", e);
    }
  }

  /**
   * The document's identity.
   *
   * @return id and partition key
   */
  public DocumentKey key() {
    return key;
  }

  /**
   * The body.
   *
   * @return one JSON object in UTF-8; do not change it
   */
  public byte[] json() {
    return json;
  }

  /**
   * Whether the body is known to be well formed and to hold what the key says.
   *
   * @return true for documents of {@link #ofConsistentJson}
   */
  public boolean isConsistent() {
    return consistent;
  }

  /**
   * How large the body is. Cosmos DB takes at most 2 MiB.
   *
   * @return the length of the UTF-8 JSON in bytes
   */
  public int sizeInBytes() {
    return json.length;
  }

  /**
   * The body as text. It holds row values, so it goes into no message or log.
   *
   * @return the JSON
   */
  public String text() {
    return new String(json, StandardCharsets.UTF_8);
  }

  /** Says how large the document is; its content is kept out of logs. */
  @Override
  public String toString() {
    return "Document(" + json.length + " bytes)";
  }
}
