package io.reverseetl;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.reverseetl.document.Document;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Keeps the sums of what a sample's documents are like, and none of the documents. */
final class SampledDocuments implements Consumer<Document> {
  private static final JsonFactory JSON = new JsonFactory();

  /** Values of a key that are counted at a time; far more than can each have a notable share. */
  private static final int MAX_COUNTED = 100_000;

  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private final List<Counts> levels = new ArrayList<>();
  private long documents;
  private long bytes;
  private long values;
  private int largest;

  @Override
  public void accept(Document document) {
    documents++;
    bytes += document.sizeInBytes();
    largest = Math.max(largest, document.sizeInBytes());
    values += values(document.json());
    List<@Nullable Object> key = document.key().levels();
    long prefix = FNV_OFFSET;
    for (int i = 0; i < key.size(); i++) {
      prefix = hash(prefix, key.get(i));
      if (levels.size() == i) {
        levels.add(new Counts());
      }
      levels.get(i).add(prefix);
    }
  }

  /** Values are counted by hashes of 64 bits, so that none is kept. */
  private static long hash(long prefix, @Nullable Object level) {
    if (level instanceof String text) {
      long hash = prefix ^ 's';
      for (int i = 0; i < text.length(); i++) {
        hash = (hash ^ text.charAt(i)) * FNV_PRIME;
      }
      return (hash ^ text.length()) * FNV_PRIME;
    }
    if (level instanceof Double number) {
      return (prefix ^ Double.doubleToLongBits(number)) * FNV_PRIME;
    }
    return (prefix ^ (level == null ? 'n' : level.hashCode())) * FNV_PRIME;
  }

  private static long values(byte[] json) {
    long scalars = 0;
    try (JsonParser parser = JSON.createParser(json)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token.isScalarValue()) {
          scalars++;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("A document is JSON.", e);
    }
    return scalars;
  }

  long documents() {
    return documents;
  }

  int largest() {
    return largest;
  }

  double meanBytes() {
    return documents == 0 ? 0 : (double) bytes / documents;
  }

  double meanValues() {
    return documents == 0 ? 0 : (double) values / documents;
  }

  List<KeySkew> skew() {
    List<KeySkew> skew = new ArrayList<>();
    for (int i = 0; i < levels.size(); i++) {
      Counts counts = levels.get(i);
      skew.add(new KeySkew(i + 1, counts.distinct, (double) counts.most() / documents));
    }
    return skew;
  }

  /**
   * Counts the most frequent values in bounded memory (Misra and Gries): when there are too many,
   * each loses one. A count is then too low by at most the sample's size divided by {@link
   * #MAX_COUNTED}.
   */
  private static final class Counts {
    private final Map<Long, Long> counts = new HashMap<>();
    private long distinct;
    private boolean overflown;

    void add(long value) {
      Long before = counts.get(value);
      if (before != null) {
        counts.put(value, before + 1);
      } else if (counts.size() < MAX_COUNTED) {
        if (!overflown) {
          distinct++;
        }
        counts.put(value, 1L);
      } else {
        overflown = true;
        counts.values().removeIf(count -> count == 1);
        counts.replaceAll((key, count) -> count - 1);
      }
    }

    long most() {
      return counts.values().stream().mapToLong(Long::longValue).max().orElse(0);
    }
  }
}
