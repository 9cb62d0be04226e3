package io.reverseetl.mapping;

import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.table.StructType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;

/** Collects everything that is wrong, to say it at once. */
final class Problems {
  private final Set<String> found = new LinkedHashSet<>();

  void add(String problem) {
    found.add(problem);
  }

  boolean isEmpty() {
    return found.isEmpty();
  }

  void throwIfAny(String what) {
    if (found.size() == 1) {
      throw new ConfigurationException(what + ": " + found.iterator().next());
    }
    if (!found.isEmpty()) {
      throw new ConfigurationException(
          what + ", for " + found.size() + " reasons:\n- " + String.join("\n- ", found));
    }
  }

  /** A column that is not there, with the nearest name and all names. */
  void unknownColumn(String option, String name, StructType schema) {
    String nearest = nearest(name, schema);
    add(
        option
            + " names the column \""
            + name
            + "\", which is not there."
            + (nearest.isEmpty() ? "" : " Did you mean \"" + nearest + "\"?")
            + " The columns are "
            + schema.names()
            + ".");
  }

  private static String nearest(String name, StructType schema) {
    String wanted = name.toLowerCase(Locale.ROOT);
    String best = "";
    int bestDistance = Math.max(1, name.length() / 3) + 1;
    for (String candidate : new ArrayList<>(ColumnPath.all(schema))) {
      int distance = distance(wanted, candidate.toLowerCase(Locale.ROOT));
      if (distance < bestDistance) {
        bestDistance = distance;
        best = candidate;
      }
    }
    return best;
  }

  /** How many letters must be changed, added or removed. */
  private static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(change, 1 + Math.min(previous[j], current[j - 1]));
      }
      previous = current;
    }
    return previous[b.length()];
  }
}
