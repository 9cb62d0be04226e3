package io.reverseetl.mapping;

/** What becomes of NaN and the infinities in a FLOAT or DOUBLE, which JSON does not have. */
public enum NonFiniteFormat {
  /** Mapping fails. */
  FAIL,
  /** They count as null, so the {@link NullPolicy} says what is written. */
  NULL,
  /** Text: {@code "NaN"}, {@code "Infinity"}, {@code "-Infinity"}. */
  STRING
}
