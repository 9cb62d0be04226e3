package io.reverseetl;

import io.reverseetl.document.Document;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes the commit version into a document, as its last property. */
final class SourceVersionStamp {
  private static final byte[] PREFIX =
      ("\"" + Document.SOURCE_VERSION + "\":").getBytes(StandardCharsets.US_ASCII);

  private SourceVersionStamp() {}

  static Document stamp(Document document, long version) {
    byte[] json = document.json();
    byte[] number = Long.toString(version).getBytes(StandardCharsets.US_ASCII);
    boolean empty = json.length == 2;
    byte[] stamped =
        Arrays.copyOf(json, json.length + PREFIX.length + number.length + (empty ? 0 : 1));
    int at = json.length - 1;
    if (!empty) {
      stamped[at++] = ',';
    }
    System.arraycopy(PREFIX, 0, stamped, at, PREFIX.length);
    at += PREFIX.length;
    System.arraycopy(number, 0, stamped, at, number.length);
    stamped[at + number.length] = '}';
    return document.isConsistent()
        ? Document.ofConsistentJson(document.key(), stamped)
        : Document.ofJson(document.key(), stamped);
  }
}
