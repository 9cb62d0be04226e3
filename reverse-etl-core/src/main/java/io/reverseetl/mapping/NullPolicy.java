package io.reverseetl.mapping;

/** What becomes of a null column or struct field. Elements of arrays and values of maps stay. */
public enum NullPolicy {
  /** The property is there and is {@code null}, as the column is there in the table. */
  WRITE,
  /** The document does not have the property. */
  OMIT
}
