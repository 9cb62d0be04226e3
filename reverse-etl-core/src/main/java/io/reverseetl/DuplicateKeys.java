package io.reverseetl;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of two different rows that stand for one document after one commit, or in the
 * version that is loaded, so that the key is not unique in the table. Which of them is right cannot
 * be known, and is never left to chance. Immutable.
 */
public final class DuplicateKeys {
  private static final DuplicateKeys FAIL = new DuplicateKeys(false, null);
  private static final DuplicateKeys DEAD_LETTERS = new DuplicateKeys(true, null);

  private final boolean setAside;
  private final @Nullable String column;

  private DuplicateKeys(boolean setAside, @Nullable String column) {
    this.setAside = setAside;
    this.column = column;
  }

  /**
   * The poll fails, and nothing of the commit counts as written; a load does not become complete.
   * This is the default.
   *
   * @return the policy
   */
  public static DuplicateKeys fail() {
    return FAIL;
  }

  /**
   * All of them become dead letters, and the document stays what the commits before made it; after
   * a load there is none. Needs {@link Pipeline.Builder#deadLetters}.
   *
   * @return the policy
   */
  public static DuplicateKeys deadLetters() {
    return DEAD_LETTERS;
  }

  /**
   * The row with the greatest value of a column wins; null is below every value. Rows with the same
   * greatest value fail the poll or load.
   *
   * @param column a column of numbers, text, dates or timestamps
   * @return the policy
   */
  public static DuplicateKeys latestBy(String column) {
    return new DuplicateKeys(false, Objects.requireNonNull(column, "column"));
  }

  boolean setsAside() {
    return setAside;
  }

  @Nullable String column() {
    return column;
  }
}
