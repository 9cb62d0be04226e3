package io.reverseetl.document;

import io.reverseetl.exceptions.MappingException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What identifies a document in a container: its id, and the values of its partition key, one for
 * each of the container's one to three levels.
 *
 * <p>A level is a {@link String}, a {@link Boolean}, a {@link Double}, null, or {@link #ABSENT} for
 * a property that the document does not have; Cosmos DB holds null and absent apart. Numbers are
 * doubles, as Cosmos DB has no others, and {@code -0.0} is {@code 0.0}.
 *
 * <p>Immutable and thread-safe.
 */
public final class DocumentKey {

  /** The level of a document that does not have the partition key property. */
  public static final Object ABSENT =
      new Object() {
        @Override
        public String toString() {
          return "ABSENT";
        }
      };

  private static final int MAX_LEVELS = 3;

  private final String id;
  private final @Nullable Object[] levels;
  private final int hash;

  private DocumentKey(String id, @Nullable Object[] levels) {
    this.id = id;
    this.levels = levels;
    this.hash = 31 * id.hashCode() + Arrays.hashCode(levels);
  }

  /**
   * A key.
   *
   * @param id the document's id
   * @param levels the partition key's values, one to three: {@link String}, {@link Boolean}, any
   *     number of java.lang, {@link BigInteger} or {@link BigDecimal} that a double holds exactly
   *     (a {@link Float} counts as its shortest decimal, as it stands in JSON), null, or {@link
   *     #ABSENT}
   * @return the key
   * @throws IllegalArgumentException if there are no or more than three levels, a level is of
   *     another class, or a number is not exactly a double (NaN and the infinities included)
   * @throws MappingException if the id or a text has half of a surrogate pair, as is left where a
   *     character beyond 16 bits is cut in two: no encoding holds it, so different keys would
   *     become one
   */
  public static DocumentKey of(String id, @Nullable Object... levels) {
    Objects.requireNonNull(id, "id");
    if (levels.length < 1 || levels.length > MAX_LEVELS) {
      throw new IllegalArgumentException(
          "A partition key has one to three levels, but " + levels.length + " were given.");
    }
    checkUnicode(id, "The id");
    @Nullable Object[] canonical = new Object[levels.length];
    for (int i = 0; i < levels.length; i++) {
      canonical[i] = canonical(levels[i]);
    }
    return new DocumentKey(id, canonical);
  }

  private static @Nullable Object canonical(@Nullable Object level) {
    if (level instanceof String text) {
      checkUnicode(text, "A text in the partition key");
      return text;
    }
    if (level == null || level instanceof Boolean || level == ABSENT) {
      return level;
    }
    if (level instanceof Number number && PlainValues.isPlain(number)) {
      // A float stands in JSON as its shortest decimal, so that is the double that will be stored.
      double value =
          number instanceof Float ? Double.parseDouble(number.toString()) : number.doubleValue();
      if (!Double.isFinite(value) || !isDouble(number, value)) {
        throw new IllegalArgumentException(
            "A number in a partition key must be exactly a double, which Cosmos DB keeps it as. Use"
                + " its text.");
      }
      return value == 0 ? 0.0 : value;
    }
    throw new IllegalArgumentException(
        "A partition key is made of text, booleans, numbers and null, but a "
            + level.getClass().getSimpleName()
            + " was given.");
  }

  private static void checkUnicode(String text, String what) {
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i++);
      if (Character.isSurrogate(c)
          && (i == text.length() || !Character.isSurrogatePair(c, text.charAt(i++)))) {
        throw new MappingException(
            null,
            what
                + " is not valid Unicode: it has half of a surrogate pair. Mend the data, or cut"
                + " text between code points.");
      }
    }
  }

  private static boolean isDouble(Number number, double value) {
    if (number instanceof Long integer) {
      return DoubleExactness.isExact(integer);
    }
    if (number instanceof BigInteger integer) {
      return DoubleExactness.isExact(integer);
    }
    return !(number instanceof BigDecimal decimal) || new BigDecimal(value).compareTo(decimal) == 0;
  }

  /**
   * The document's id.
   *
   * @return the id
   */
  public String id() {
    return id;
  }

  /**
   * The values of the partition key.
   *
   * @return an immutable list of one to three levels, null elements included
   */
  public List<@Nullable Object> levels() {
    return Collections.unmodifiableList(Arrays.asList(levels));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof DocumentKey that
        && hash == that.hash
        && id.equals(that.id)
        && Arrays.equals(levels, that.levels);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  /**
   * The key for a person to read. It holds values of the row, so it goes into no message or log
   * unless the user switched that on.
   */
  @Override
  public String toString() {
    return id + Arrays.toString(levels);
  }
}
