package io.reverseetl.cosmos;

/**
 * What a container may spend per second.
 *
 * @param level whether the container has it for itself, or shares it with others of its database
 * @param mode how it is provisioned
 * @param requestUnitsPerSecond the request units per second; for autoscale the maximum, all of
 *     which can be used at any time
 * @param minimum the lowest that the service allows to change to now
 * @param replacePending whether a change is under way, so that less may be in force
 */
public record ProvisionedThroughput(
    Level level, Mode mode, int requestUnitsPerSecond, int minimum, boolean replacePending) {

  /** Whose throughput it is. */
  public enum Level {
    /** The container's own. */
    CONTAINER,
    /** The database's, which its containers share. */
    DATABASE
  }

  /** How throughput is provisioned. */
  public enum Mode {
    /** A fixed amount, also called manual. */
    STANDARD,
    /** From a tenth of a maximum up to it, by use. */
    AUTOSCALE
  }
}
