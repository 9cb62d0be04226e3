package io.reverseetl.checkpoint;

import java.time.Instant;
import java.util.Objects;

/**
 * Who may write for a pipeline, and until when. It is part of the checkpoint, so that taking,
 * renewing and giving back are compare-and-sets like every save, and a runner whose lease was taken
 * over can save nothing any more.
 *
 * @param owner names the runner
 * @param expiresAt until when it may write; past once it gave the lease back
 * @param fence grows with every runner that takes the lease
 */
public record Lease(String owner, Instant expiresAt, long fence) {

  /** Checks that nothing is missing. */
  public Lease {
    Objects.requireNonNull(owner, "owner");
    Objects.requireNonNull(expiresAt, "expiresAt");
  }

  /**
   * Whether the owner may still write.
   *
   * @param now the time
   * @return true until it expires or is given back
   */
  public boolean isHeld(Instant now) {
    return now.isBefore(expiresAt);
  }
}
