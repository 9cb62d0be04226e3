package io.reverseetl.mapping;

/** The JSON form of a TIMESTAMP. A TIMESTAMP_NTZ is always ISO text, as it names no instant. */
public enum TimestampFormat {
  /**
   * ISO-8601 text in UTC with six digits of fraction, such as {@code
   * "2024-02-29T12:34:56.123456Z"}, so that text order is time order (for years 0000 to 9999).
   */
  ISO,
  /**
   * A number: milliseconds since 1970-01-01T00:00Z, rounded down, so microseconds are lost. Not
   * allowed in a partition key.
   */
  EPOCH_MILLIS,
  /**
   * A number: microseconds since 1970-01-01T00:00Z; mapping fails on a value that a double does not
   * hold exactly, which can happen after the year 2255.
   */
  EPOCH_MICROS
}
