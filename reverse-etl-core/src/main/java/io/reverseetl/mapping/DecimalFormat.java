package io.reverseetl.mapping;

/**
 * The JSON form of a DECIMAL. Cosmos DB keeps every number as an IEEE-754 double, which holds any
 * decimal of up to 15 significant digits so that the same digits come back, and few longer ones.
 */
public enum DecimalFormat {
  /** A number; mapping fails on a value whose digits do not come back from a double. */
  NUMBER_EXACT,
  /** Text with the digits and the scale of the column, such as {@code "12.50"}. */
  STRING,
  /** A number, rounded to the nearest double where it must be. */
  NUMBER_LOSSY
}
