package io.reverseetl.cli;

/** What the process tells its caller; scripts depend on the numbers. */
final class ExitCode {
  static final int DONE = 0;
  static final int FAILED = 1;
  static final int BAD_USAGE = 2;
  static final int CHANGES_UNAVAILABLE = 3;
  static final int CHECKPOINT_HELD = 4;
  static final int DONE_WITH_DEAD_LETTERS = 5;
  static final int DEADLINE_REACHED = 6;
  static final int DIFFERENCES_FOUND = 7;

  private ExitCode() {}
}
