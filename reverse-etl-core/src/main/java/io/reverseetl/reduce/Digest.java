package io.reverseetl.reduce;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** Stands for a document's content where keeping it would take too much memory. For one thread. */
public interface Digest {

  /** The digest of a document's JSON. */
  byte[] of(byte[] json);

  /** Of the bytes as they are: 128 bits of SHA-256. */
  static Digest ofBytes() {
    MessageDigest sha256;
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256.", e);
    }
    return json -> Arrays.copyOf(sha256.digest(json), 16);
  }
}
