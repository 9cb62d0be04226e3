package io.reverseetl.table;

/** What a row must meet to be read, with SQL's three-valued logic. Immutable. */
public final class RowFilter {
  private RowFilter() {}
}
