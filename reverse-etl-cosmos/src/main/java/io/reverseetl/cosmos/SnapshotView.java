package io.reverseetl.cosmos;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One snapshot, as a reader sees it: where it is, and how its ids and queries look. Everything that
 * is read through one view is of one snapshot; take the view once for each read. Immutable and
 * thread-safe.
 */
public final class SnapshotView {
  /** The property that names a document's generation, where several share a container. */
  static final String GENERATION = "_generation";

  /** Between a generation's id and a document's. */
  static final String SEPARATOR = "~";

  private final String containerName;
  private final @Nullable String generation;
  private final boolean flagged;
  private final long version;

  SnapshotView(String containerName, @Nullable String generation, boolean flagged, long version) {
    this.containerName = Objects.requireNonNull(containerName, "containerName");
    this.generation = generation;
    this.flagged = flagged;
    this.version = version;
  }

  /**
   * Which snapshot this is.
   *
   * @return the generation's id; empty if snapshots were never switched here, or readers were
   *     pointed back to what was there before
   */
  public Optional<String> generation() {
    return Optional.ofNullable(generation);
  }

  /**
   * The container to read.
   *
   * @return its name, in the database of the container that snapshots are named after
   */
  public String containerName() {
    return containerName;
  }

  /**
   * The commit version that the snapshot held when readers were pointed to it; polls have taken it
   * further since.
   *
   * @return the version; empty without a generation
   */
  public OptionalLong version() {
    return generation == null ? OptionalLong.empty() : OptionalLong.of(version);
  }

  /**
   * The id under which a document stands in the container.
   *
   * @param documentId the document's id, as the mapper gave it
   * @return the id to read by; the same one where each snapshot has a container
   */
  public String id(String documentId) {
    return flagged && generation != null ? generation + SEPARATOR + documentId : documentId;
  }

  /**
   * The id that the mapper gave to a document.
   *
   * @param storedId the id as it stands in the container
   * @return the document's id
   */
  public String originalId(String storedId) {
    String prefix = id("");
    return storedId.startsWith(prefix) ? storedId.substring(prefix.length()) : storedId;
  }

  /**
   * What a query must ask for to see this snapshot and no other, as a condition for WHERE.
   *
   * @param alias the alias of the container in the query, as in {@code FROM c}
   * @return for example {@code c["_generation"] = "7-3fa9"}; {@code true} where each snapshot has a
   *     container
   */
  public String filter(String alias) {
    if (!flagged) {
      return "true";
    }
    String property = alias + "[\"" + GENERATION + "\"]";
    return generation == null
        ? "NOT IS_DEFINED(" + property + ")"
        : property + " = \"" + generation + "\"";
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SnapshotView that
        && containerName.equals(that.containerName)
        && Objects.equals(generation, that.generation)
        && flagged == that.flagged
        && version == that.version;
  }

  @Override
  public int hashCode() {
    return Objects.hash(containerName, generation, flagged, version);
  }

  @Override
  public String toString() {
    return "SnapshotView(" + containerName + ", " + (generation == null ? "-" : generation) + ")";
  }
}
