package io.reverseetl;

import io.reverseetl.table.RowFilter;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.StructType;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Short hashes that a checkpoint holds to know what it belongs to. */
final class Fingerprint {
  private static final int BYTES = 16;

  private Fingerprint() {}

  static String of(StructType schema) {
    MessageDigest digest = sha256();
    digest.update(schema.toString().getBytes(StandardCharsets.UTF_8));
    return text(digest);
  }

  /** Of what a load reads: its parts, and the rows that its filter takes of them. */
  static String of(List<SnapshotPart> parts, Optional<RowFilter> filter) {
    MessageDigest digest = sha256();
    filter.ifPresent(rows -> digest.update(rows.toString().getBytes(StandardCharsets.UTF_8)));
    digest.update((byte) 0);
    for (SnapshotPart part : parts) {
      digest.update(part.id().getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
    }
    return text(digest);
  }

  /** Of texts, one after the other. */
  static String of(List<String> texts) {
    MessageDigest digest = sha256();
    for (String text : texts) {
      digest.update(text.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
    }
    return text(digest);
  }

  private static String text(MessageDigest digest) {
    byte[] start = new byte[BYTES];
    System.arraycopy(digest.digest(), 0, start, 0, BYTES);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(start);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256.", e);
    }
  }
}
