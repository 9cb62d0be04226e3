package io.reverseetl.mapping;

/**
 * How the document's id is made of the id columns. An id is text of 1 to 1,023 bytes in UTF-8
 * without {@code / \ ? #}; what does not fit is refused, never trimmed.
 *
 * <p>The text of a column is its text for STRING; digits for BYTE, SHORT, INTEGER, LONG and (with
 * the column's scale) DECIMAL; {@code true} or {@code false}; ISO-8601 for DATE, TIMESTAMP and
 * TIMESTAMP_NTZ, whatever the form of the field. Other types cannot be ids.
 */
public enum IdFormat {
  /**
   * The text as it is; the default for one id column. Mapping fails on an id that Cosmos DB does
   * not take, and on control characters and blanks at the end, which do not survive everywhere.
   */
  PLAIN,
  /**
   * The default for several id columns, and for one column whose text PLAIN refuses. ASCII letters,
   * digits, {@code -}, {@code _} and {@code .} (except at the beginning) stay; every other byte of
   * the UTF-8 text becomes {@code ~} and two upper-case hexadecimal digits. Columns are joined with
   * {@code :}, which is never left unescaped, so different values never give the same id.
   *
   * <p>The escape sign is not {@code %}, because gateways have decoded {@code %2F} in an id twice.
   */
  ESCAPED,
  /**
   * SHA-256 of the {@link #ESCAPED} text, as 43 characters of base64url without padding. For ids
   * that are too long otherwise; the columns stay in the document as fields.
   */
  HASHED
}
