package io.reverseetl.delta;

/**
 * Which rows of a file to give, by their index in the file. For one reading of one file.
 *
 * <p>A deletion vector that marks rows which the file does not have was misread or belongs to
 * another file; {@link #checkAtEnd} then fails rather than let deleted rows come back.
 */
abstract class RowMask {

  /** Whether to give this row. Asked once for each row, in order. */
  abstract boolean keeps(long rowIndex);

  /** Called after the last row of the file. */
  abstract void checkAtEnd();

  /** The rows that a deletion vector does not mark. */
  static RowMask dropping(DeletionVector deleted) {
    return new RowMask() {
      private long marked;

      @Override
      boolean keeps(long rowIndex) {
        if (deleted.contains(rowIndex)) {
          marked++;
          return false;
        }
        return true;
      }

      @Override
      void checkAtEnd() {
        deleted.checkCount(marked);
      }
    };
  }

  /** The rows that {@code marked} marks and {@code except} does not. */
  static RowMask keepingOnly(DeletionVector marked, DeletionVector except) {
    return new RowMask() {
      private long first;
      private long second;

      @Override
      boolean keeps(long rowIndex) {
        boolean inFirst = marked.contains(rowIndex);
        boolean inSecond = except.contains(rowIndex);
        first += inFirst ? 1 : 0;
        second += inSecond ? 1 : 0;
        return inFirst && !inSecond;
      }

      @Override
      void checkAtEnd() {
        marked.checkCount(first);
        except.checkCount(second);
      }
    };
  }
}
