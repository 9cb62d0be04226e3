package io.reverseetl.document;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A row or document that could not be written, set aside so that the rest goes on.
 *
 * @param time when it was set aside
 * @param pipeline the pipeline's name
 * @param sourceVersion the commit version that it comes from
 * @param sourceLocation where it stands in that version, for example a data file and a row number
 * @param reason a word for the kind, for example {@code TOO_LARGE} or {@code MAPPING}
 * @param message what is wrong and what to do
 * @param key which document it is about, if the row became one
 * @param document the document, if the row became one and it could be kept
 */
public record DeadLetter(
    Instant time,
    String pipeline,
    long sourceVersion,
    String sourceLocation,
    String reason,
    String message,
    Optional<DocumentKey> key,
    Optional<Document> document) {

  private static final int ID_BYTES = 18;

  /** Checks that nothing is missing, and that the key is the document's. */
  public DeadLetter {
    Objects.requireNonNull(time, "time");
    Objects.requireNonNull(pipeline, "pipeline");
    Objects.requireNonNull(sourceLocation, "sourceLocation");
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(message, "message");
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(document, "document");
    if (document.isPresent() && !key.equals(document.map(Document::key))) {
      throw new IllegalArgumentException("The key of a dead letter is that of its document.");
    }
  }

  /**
   * A letter about the key of its document, if it has one.
   *
   * @param time when it was set aside
   * @param pipeline the pipeline's name
   * @param sourceVersion the commit version that it comes from
   * @param sourceLocation where it stands in that version
   * @param reason a word for the kind
   * @param message what is wrong and what to do
   * @param document the document, if the row became one
   */
  public DeadLetter(
      Instant time,
      String pipeline,
      long sourceVersion,
      String sourceLocation,
      String reason,
      String message,
      Optional<Document> document) {
    this(
        time,
        pipeline,
        sourceVersion,
        sourceLocation,
        reason,
        message,
        document.map(Document::key),
        document);
  }

  /**
   * Names the letter. A row that is set aside again, as a run after a crash does, gets the same
   * name: it is a hash of everything but the time and the message.
   *
   * @return 24 of the characters {@code A-Z a-z 0-9 - _}
   */
  public String id() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      write(pipeline, out);
      out.writeLong(sourceVersion);
      write(sourceLocation, out);
      write(reason, out);
      if (key.isPresent()) {
        write(key.get().id(), out);
        for (@Nullable Object level : key.get().levels()) {
          write(level == null ? "null" : level.getClass().getSimpleName() + level, out);
        }
      }
      digest.update(bytes.toByteArray());
      document.ifPresent(body -> digest.update(body.json()));
      byte[] start = new byte[ID_BYTES];
      System.arraycopy(digest.digest(), 0, start, 0, ID_BYTES);
      return Base64.getUrlEncoder().withoutPadding().encodeToString(start);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256.", e);
    } catch (IOException e) {
      throw new UncheckedIOException("Memory does not fail to be written.", e);
    }
  }

  private static void write(String text, DataOutputStream out) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  /** Says what kind of letter it is; key, document and message are kept out of logs. */
  @Override
  public String toString() {
    return "DeadLetter(" + pipeline + ", version " + sourceVersion + ", " + reason + ")";
  }
}
