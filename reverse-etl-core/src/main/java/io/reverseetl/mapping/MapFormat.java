package io.reverseetl.mapping;

/** The JSON form of a MAP. */
public enum MapFormat {
  /** {@link #OBJECT} if the keys are text, else {@link #ENTRIES}. */
  AUTO,
  /**
   * An object, with keys that are not text turned into text: numbers as digits, dates and
   * timestamps as ISO text, bytes as base64. Keys that are structs, arrays or maps are refused.
   * Mapping fails if two keys of one map have the same text.
   */
  OBJECT,
  /** An array of <code>{"key": ..., "value": ...}</code>, in the order of the source. */
  ENTRIES
}
