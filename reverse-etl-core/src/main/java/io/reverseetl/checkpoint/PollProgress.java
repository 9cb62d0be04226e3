package io.reverseetl.checkpoint;

/**
 * A range of commits that is being written: it begins after the checkpoint's version. It is saved
 * before the first write, so that a run after a crash writes the same range again and reduces it to
 * the same operations.
 *
 * @param toVersion the range's last commit
 * @param steps how many steps the range is written in
 * @param stepsDone how many of them are wholly durable; the next run goes on with the one after
 */
public record PollProgress(long toVersion, int steps, int stepsDone) {

  /** Checks the numbers. */
  public PollProgress {
    if (toVersion < 0 || steps < 1 || stepsDone < 0 || stepsDone > steps) {
      throw new IllegalArgumentException(
          stepsDone + " of " + steps + " steps to version " + toVersion + " is no progress.");
    }
  }
}
