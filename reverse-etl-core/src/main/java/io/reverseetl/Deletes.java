package io.reverseetl;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a document whose row is gone: deleted, left, or no longer met by the {@code
 * where} of the pipeline. Immutable.
 *
 * <pre>{@code
 * Pipeline.builder("customers").deletes(Deletes.soft("deleted").expireAfter(Duration.ofDays(30)))
 * }</pre>
 */
public final class Deletes {
  private static final Deletes HARD = new Deletes(Kind.HARD, null, null);
  private static final Deletes OWNED_FIELDS = new Deletes(Kind.OWNED_FIELDS, null, null);
  private static final Deletes IGNORED = new Deletes(Kind.IGNORED, null, null);
  private static final Pattern FIELD = Pattern.compile("[^/\\\\~\"\\p{Cntrl}]{1,255}");
  private static final Set<String> TAKEN =
      Set.of("id", "ttl", "_rid", "_self", "_etag", "_ts", "_attachments", "_sourceVersion");

  private enum Kind {
    HARD,
    SOFT,
    TOMBSTONE,
    OWNED_FIELDS,
    IGNORED
  }

  private final Kind kind;
  private final @Nullable String field;
  private final @Nullable Duration timeToLive;

  private Deletes(Kind kind, @Nullable String field, @Nullable Duration timeToLive) {
    this.kind = kind;
    this.field = field;
    this.timeToLive = timeToLive;
  }

  /**
   * The document is deleted. This is the default. One that is not there any more counts as deleted.
   *
   * @return the policy
   */
  public static Deletes hard() {
    return HARD;
  }

  /**
   * The document stays, with its last values and a flag. When the row comes back, the document is
   * written anew, without the flag.
   *
   * @param field the property that becomes {@code true}; the mapper leaves it free
   * @return the policy
   * @throws IllegalArgumentException if a document cannot have such a property, or it is taken
   */
  public static Deletes soft(String field) {
    return new Deletes(Kind.SOFT, checked(field), null);
  }

  /**
   * What stays of the document is its id, its partition key and a flag.
   *
   * @param field the property that becomes {@code true}
   * @return the policy
   * @throws IllegalArgumentException if a document cannot have such a property, or it is taken
   */
  public static Deletes tombstone(String field) {
    return new Deletes(Kind.TOMBSTONE, checked(field), null);
  }

  /**
   * The properties that the pipeline owns are taken out, and what others wrote stays, with the id
   * and the partition key; so does {@code _sourceVersion} where it is written. Only with {@link
   * WriteMode#ownedFields}.
   *
   * @return the policy
   */
  public static Deletes ownedFields() {
    return OWNED_FIELDS;
  }

  /**
   * Documents stay as they are.
   *
   * @return the policy
   */
  public static Deletes ignored() {
    return IGNORED;
  }

  /**
   * The same policy with an end: the target removes the flagged document after a time, by its
   * property {@code ttl}. The container must have time to live switched on, or {@code ttl} has no
   * effect.
   *
   * @param time how long after the write; at least a second, in whole seconds
   * @return a new policy
   * @throws IllegalArgumentException if the time is shorter or longer than a container allows
   * @throws IllegalStateException for the policies that flag nothing
   */
  public Deletes expireAfter(Duration time) {
    if (field == null) {
      throw new IllegalStateException("Only flagged documents expire: soft or tombstone.");
    }
    if (time.toSeconds() < 1
        || time.toSeconds() > Integer.MAX_VALUE
        || !time.equals(Duration.ofSeconds(time.toSeconds()))) {
      throw new IllegalArgumentException(
          "A time to live is 1 to " + Integer.MAX_VALUE + " whole seconds, not " + time + ".");
    }
    return new Deletes(kind, field, time);
  }

  private static String checked(String field) {
    Objects.requireNonNull(field, "field");
    if (!FIELD.matcher(field).matches() || TAKEN.contains(field)) {
      throw new IllegalArgumentException(
          "\"" + field + "\" cannot be the flag's property. Name another one.");
    }
    return field;
  }

  /** Whether a delete needs the last values of the row. */
  boolean needsImage() {
    return kind == Kind.SOFT;
  }

  boolean areOwnedFields() {
    return kind == Kind.OWNED_FIELDS;
  }

  boolean areIgnored() {
    return kind == Kind.IGNORED;
  }

  /** The property that flags a document as deleted; null if there is none. */
  @Nullable String field() {
    return field;
  }

  /** What stays in the place of a deleted document; null if nothing does. */
  @Nullable Document remains(
      DocumentKey key, @Nullable Document image, List<String> partitionKeyPaths) {
    if (field == null) {
      return null;
    }
    byte[] last =
        kind == Kind.SOFT && image != null ? image.json() : keyOnly(key, partitionKeyPaths);
    String flag =
        "\"" + new String(JsonStringEncoder.getInstance().quoteAsString(field)) + "\":true";
    if (timeToLive != null) {
      flag += ",\"ttl\":" + timeToLive.toSeconds();
    }
    return Document.ofJson(key, JsonProperties.edit(last, Set.of(field, "ttl"), flag));
  }

  /** A body of nothing but id and partition key. */
  @SuppressWarnings("unchecked")
  static byte[] keyOnly(DocumentKey key, List<String> partitionKeyPaths) {
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    for (int i = 0; i < partitionKeyPaths.size() && i < key.levels().size(); i++) {
      Object level = key.levels().get(i);
      String[] names = partitionKeyPaths.get(i).substring(1).split("/", -1);
      if (level == DocumentKey.ABSENT || partitionKeyPaths.get(i).equals("/id")) {
        continue;
      }
      Map<String, @Nullable Object> object = body;
      for (int name = 0; name < names.length - 1; name++) {
        Object inner = object.computeIfAbsent(names[name], absent -> new LinkedHashMap<>());
        object = (Map<String, @Nullable Object>) Objects.requireNonNull(inner);
      }
      object.put(names[names.length - 1], level);
    }
    return Document.of(key, body).json();
  }

  @Override
  public String toString() {
    return kind + (field == null ? "" : " " + field) + (timeToLive == null ? "" : " " + timeToLive);
  }
}
