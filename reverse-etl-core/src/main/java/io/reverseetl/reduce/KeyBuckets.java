package io.reverseetl.reduce;

import io.reverseetl.document.DocumentKey;
import io.reverseetl.exceptions.ConfigurationException;
import java.util.Base64;
import java.util.BitSet;

/**
 * A set of documents of constant size: it holds all that were added, and a few more by chance. Not
 * thread-safe while it is added to.
 */
public final class KeyBuckets {
  private static final int BUCKETS = 4_096;

  private final BitSet buckets;

  private KeyBuckets(BitSet buckets) {
    this.buckets = buckets;
  }

  public static KeyBuckets none() {
    return new KeyBuckets(new BitSet());
  }

  /**
   * Reads the text form.
   *
   * @throws ConfigurationException if it is none
   */
  public static KeyBuckets parse(String text) {
    try {
      return new KeyBuckets(BitSet.valueOf(Base64.getUrlDecoder().decode(text)));
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(
          "What a task is to try again cannot be read. Hand over what toJson() gave, unchanged.",
          e);
    }
  }

  private static int bucket(DocumentKey key) {
    return (int) Math.floorMod(KeyCodec.longHash(key), (long) BUCKETS);
  }

  public void add(DocumentKey key) {
    buckets.set(bucket(key));
  }

  public void addAll(KeyBuckets others) {
    buckets.or(others.buckets);
  }

  public boolean mayContain(DocumentKey key) {
    return buckets.get(bucket(key));
  }

  public boolean isEmpty() {
    return buckets.isEmpty();
  }

  /** At most about 700 characters; empty for the empty set. */
  public String text() {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(buckets.toByteArray());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KeyBuckets that && buckets.equals(that.buckets);
  }

  @Override
  public int hashCode() {
    return buckets.hashCode();
  }
}
