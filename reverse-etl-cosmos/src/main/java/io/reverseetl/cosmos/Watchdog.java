package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosDiagnostics;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Says what is outstanding when nothing is answered: how much of which kind and where, and what
 * went wrong last, but no id, key or value. Thread-safe.
 */
final class Watchdog {
  private static final int MAX_DIAGNOSTICS = 4_000;

  private volatile @Nullable Answer lastFailure;
  private volatile @Nullable CosmosDiagnostics lastDiagnostics;

  void saw(Run run, Answer answer) {
    lastFailure = answer;
    // Those of a single request name its document.
    if (run instanceof BulkRun && answer.diagnostics() != null) {
      lastDiagnostics = answer.diagnostics();
    }
  }

  String describe(Collection<InFlight> outstanding) {
    Map<String, Integer> kinds = new TreeMap<>();
    Map<String, Integer> places = new TreeMap<>();
    Set<Object> partitionKeys = new HashSet<>();
    int count = 0;
    for (InFlight operation : outstanding) {
      count++;
      kinds.merge(
          operation.operation.getClass().getSimpleName() + " as " + operation.request.kind(),
          1,
          Integer::sum);
      places.merge(place(operation), 1, Integer::sum);
      partitionKeys.add(operation.operation.key().levels());
    }
    Answer failure = lastFailure;
    CosmosDiagnostics diagnostics = lastDiagnostics;
    String text = diagnostics == null ? "none" : diagnostics.toString();
    return "Outstanding: "
        + count
        + " operations of "
        + partitionKeys.size()
        + " partition keys ("
        + list(kinds)
        + "; "
        + list(places)
        + "). Last failure: "
        + (failure == null
            ? "none"
            : failure.code() + " (activity id " + failure.activityId() + ")")
        + ". Last diagnostics: "
        + text.substring(0, Math.min(text.length(), MAX_DIAGNOSTICS));
  }

  private static String place(InFlight operation) {
    Run run = operation.get();
    if (operation.parked) {
      return "behind the others after a conflict";
    }
    if (run == null) {
      return "waiting to be tried again";
    }
    return run instanceof BulkRun ? "in batches" : "in requests of their own";
  }

  private static String list(Map<String, Integer> counts) {
    return counts.entrySet().stream()
        .map(entry -> entry.getValue() + " " + entry.getKey())
        .collect(Collectors.joining(", "));
  }
}
