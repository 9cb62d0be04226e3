package io.reverseetl.mapping;

/**
 * The JSON form of a LONG. Cosmos DB keeps every number as an IEEE-754 double, which holds all
 * integers up to 2<sup>53</sup> and only some beyond.
 */
public enum LongFormat {
  /** A number; mapping fails on a value that a double does not hold exactly. */
  NUMBER_EXACT,
  /** Text of decimal digits, for every value of the column. */
  STRING,
  /** A number, rounded to the nearest double where it must be. Not allowed in a partition key. */
  NUMBER_LOSSY
}
