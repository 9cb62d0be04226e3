package io.reverseetl.mapping;

/** The JSON form of a DATE. */
public enum DateFormat {
  /** ISO-8601 text, such as {@code "2024-02-29"}. */
  ISO,
  /** A number: days since 1970-01-01. */
  EPOCH_DAYS
}
