package io.reverseetl.document;

import java.util.List;
import java.util.Objects;

/**
 * What a sink writes to.
 *
 * @param identity names the target without credentials and tells it from every other one, also from
 *     one that was re-created under the same name; checkpoints hold it
 * @param partitionKeyPaths the partition key's property paths, one to three, each as {@code /a} or
 *     {@code /a/b}
 */
public record TargetDescription(String identity, List<String> partitionKeyPaths) {

  /** Checks and copies. */
  public TargetDescription {
    Objects.requireNonNull(identity, "identity");
    partitionKeyPaths = List.copyOf(partitionKeyPaths);
  }
}
