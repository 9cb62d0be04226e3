package io.reverseetl.cosmos;

import com.azure.cosmos.models.CosmosPatchOperations;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.FieldChange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes the service's patches of operations that change a part of a document. Thread-safe. */
final class FieldSteps {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Names that cannot be taken for anything else in a path. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private static final String UNVERSIONED = "NOT IS_NUMBER(c." + Document.SOURCE_VERSION + ")";

  private final Set<String> fixed = new HashSet<>(Set.of("id"));
  private final boolean nestedKey;

  FieldSteps(List<String> partitionKeyPaths) {
    boolean nested = false;
    for (String path : partitionKeyPaths) {
      String[] names = path.substring(1).split("/", -1);
      nested |= names.length > 1;
      fixed.add(names[0]);
    }
    this.nestedKey = nested;
  }

  /**
   * The one patch that does what is asked, or null where none can: a patch has at most ten steps,
   * none that takes out what may not be there, and none that touches the partition key.
   */
  @Nullable Request request(DocumentOperation.MergeFields merge) {
    if (nestedKey) {
      return null;
    }
    CosmosPatchOperations steps = CosmosPatchOperations.create();
    Set<String> set = new HashSet<>();
    Iterator<Map.Entry<String, JsonNode>> properties = tree(merge.document()).fields();
    while (properties.hasNext()) {
      Map.Entry<String, JsonNode> property = properties.next();
      String name = property.getKey();
      if (fixed.contains(name)) {
        continue;
      }
      if (set.size() == DocumentOperation.Patch.MAX_CHANGES || !PLAIN.matcher(name).matches()) {
        return null;
      }
      steps.set("/" + name, property.getValue());
      set.add(name);
    }
    if (set.isEmpty() || !set.containsAll(merge.owned())) {
      return null;
    }
    return Request.patch(steps, merge.ifNewer() ? where(null, "<=", merge.sourceVersion()) : null);
  }

  /** The patch that an operation stands for. */
  static Request request(DocumentOperation.Patch patch) {
    CosmosPatchOperations steps = CosmosPatchOperations.create();
    for (FieldChange change : patch.changes()) {
      JsonNode value = JSON.valueToTree(change.value());
      switch (change.kind()) {
        case SET -> steps.set(change.path(), value);
        case ADD -> steps.add(change.path(), value);
        case REPLACE -> steps.replace(change.path(), value);
        case REMOVE -> steps.remove(change.path());
        case INCREMENT -> {
          if (value.isIntegralNumber()) {
            steps.increment(change.path(), value.longValue());
          } else {
            steps.increment(change.path(), value.doubleValue());
          }
        }
      }
    }
    if (patch.ifNewer()) {
      steps.set("/" + Document.SOURCE_VERSION, patch.sourceVersion());
      // Less, not equal: the second time the version stands there already.
      return Request.patch(steps, where(patch.condition(), "<", patch.sourceVersion()));
    }
    String condition = patch.condition();
    return Request.patch(steps, condition == null ? null : "FROM c WHERE " + condition);
  }

  private static String where(@Nullable String also, String comparison, long version) {
    return "FROM c WHERE "
        + (also == null ? "" : "(" + also + ") AND ")
        + "("
        + UNVERSIONED
        + " OR c."
        + Document.SOURCE_VERSION
        + " "
        + comparison
        + " "
        + version
        + ")";
  }

  private static JsonNode tree(Document document) {
    try {
      return JSON.readTree(document.json());
    } catch (IOException e) {
      throw new UncheckedIOException("The body has been checked.", e);
    }
  }
}
