package io.reverseetl.bench;

/**
 * Which rows each commit updates, deletes and inserts. A function of its numbers, so that the state
 * of any row at any version is known without remembering it.
 *
 * <p>The files of the first version form up to eight groups. Commit {@code c} rewrites the files of
 * one group, in turn, and with them the rows that it updates and deletes; what it inserts goes into
 * a file that no later commit touches.
 *
 * @param rows how many rows the table has before the first commit
 * @param files how many files they are in
 * @param commits how many commits change them
 * @param updated the part of {@code rows} that each commit updates
 * @param inserted the part of {@code rows} that each commit inserts
 * @param deleted the part of {@code rows} that each commit deletes
 */
record ChangePlan(
    long rows, int files, int commits, double updated, double inserted, double deleted) {
  private static final int MAX_GROUPS = 8;

  /** What a commit does to a row of a file that it rewrites. */
  enum Effect {
    KEEP,
    UPDATE,
    DELETE
  }

  /** The state of a row that is not there. */
  static final int GONE = -1;

  private int groups() {
    return Math.min(files, MAX_GROUPS);
  }

  /** Whether a commit rewrites a file. */
  boolean rewrites(int commit, int file) {
    return file % groups() == (commit - 1) % groups();
  }

  /** The first row of a file; that of the file after the last is the number of rows. */
  long firstRow(int file) {
    return rows / files * file + Math.min(file, rows % files);
  }

  /** How many rows each commit inserts. */
  long insertsPerCommit() {
    return Math.round(rows * inserted);
  }

  /** The first row that a commit inserts. */
  long firstInsert(int commit) {
    return rows + insertsPerCommit() * (commit - 1);
  }

  /**
   * How often a row of a file was updated.
   *
   * @param row one of the file's
   * @param file one of the first version's
   * @param commit up to which commit, included; 0 for the first version
   * @return the number, or {@link #GONE} if it was deleted
   */
  int state(long row, int file, int commit) {
    int updates = 0;
    int step = groups();
    for (int c = file % step + 1; c <= commit; c += step) {
      Effect effect = effect(row, c);
      if (effect == Effect.DELETE) {
        return GONE;
      }
      if (effect == Effect.UPDATE) {
        updates++;
      }
    }
    return updates;
  }

  /** What a commit does to a row of a file that it rewrites, if the row is still there. */
  Effect effect(long row, int commit) {
    double chance = (BenchRow.mix(BenchRow.mix(row) + commit) >>> 11) * 0x1.0p-53;
    double share = groups();
    if (chance < deleted * share) {
      return Effect.DELETE;
    }
    return chance < (deleted + updated) * share ? Effect.UPDATE : Effect.KEEP;
  }
}
