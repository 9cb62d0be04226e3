package io.reverseetl.delta;

import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.exceptions.TableReadException.Reason;
import io.reverseetl.table.StructType;
import io.reverseetl.table.TableVersion;
import org.jspecify.annotations.Nullable;

/** What to say about a column that is not there. */
final class ColumnNames {
  private ColumnNames() {}

  static TableReadException notFound(
      ReadErrors errors, TableVersion version, StructType schema, String column) {
    String suggestion = closest(schema, column);
    return errors.of(
        Reason.COLUMN_NOT_FOUND,
        "select column \"" + column + "\" in version " + version.version(),
        (suggestion == null ? "" : "did you mean \"" + suggestion + "\"? ")
            + "The columns are "
            + schema.names()
            + ".",
        null);
  }

  private static @Nullable String closest(StructType schema, String column) {
    String best = null;
    int bestDistance = Math.max(2, column.length() / 3) + 1;
    for (String name : schema.names()) {
      int distance = name.equalsIgnoreCase(column) ? 0 : distance(name, column);
      if (distance < bestDistance) {
        best = name;
        bestDistance = distance;
      }
    }
    return best;
  }

  private static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change =
            Character.toLowerCase(a.charAt(i - 1)) == Character.toLowerCase(b.charAt(j - 1))
                ? 0
                : 1;
        current[j] = Math.min(previous[j - 1] + change, Math.min(previous[j], current[j - 1]) + 1);
      }
      previous = current;
    }
    return previous[b.length()];
  }
}
