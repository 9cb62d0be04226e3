package io.reverseetl;

/**
 * Loads a new snapshot beside the served one and flips a pointer once it is complete, so that
 * readers never see a half-written state: for changes so large that writing them one by one takes
 * longer than loading everything again.
 *
 * <p>This is the contract; no implementation is in this version. The steps of {@link #switchTo} can
 * each be repeated, so a run that was stopped or killed is followed by another that goes on.
 */
public interface SnapshotSwitcher extends AutoCloseable {

  /**
   * Stages, loads, verifies and activates a version.
   *
   * @param version the commit version, from 0
   * @return what was done
   * @throws io.reverseetl.exceptions.ReverseEtlException if a step fails; readers then see what
   *     they saw before
   */
  SwitchReport switchTo(long version);

  /**
   * Points readers back to the snapshot served before, as long as its grace period lasts.
   *
   * @return what was done
   * @throws io.reverseetl.exceptions.ConfigurationException if there is none to go back to
   */
  SwitchReport rollback();

  /** Ends; what was staged stays for the next run. May be called twice. */
  @Override
  void close();
}
