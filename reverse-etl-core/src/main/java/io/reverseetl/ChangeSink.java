package io.reverseetl;

/** Takes the changes of a {@link ChangeUnit}, for the shuffle of an engine. */
@FunctionalInterface
public interface ChangeSink {

  /**
   * Takes one change. It is no view, and may be kept.
   *
   * @param change the change
   * @throws InterruptedException if interrupted while waiting; the unit is then not read
   */
  void accept(KeyedChange change) throws InterruptedException;
}
