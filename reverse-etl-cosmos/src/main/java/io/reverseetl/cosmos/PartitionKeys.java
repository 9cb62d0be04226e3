package io.reverseetl.cosmos;

import com.azure.cosmos.models.PartitionKey;
import io.reverseetl.document.DocumentKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The client's form of partition keys. */
final class PartitionKeys {
  private PartitionKeys() {}

  /**
   * Translates a key. A level that is of none of the types of JSON, as {@link DocumentKey#ABSENT}
   * is, becomes the undefined value, which bulk takes, other than {@link PartitionKey#NONE}.
   */
  static PartitionKey of(DocumentKey key) {
    List<@Nullable Object> levels = key.levels();
    if (levels.size() == 1 && levels.get(0) != DocumentKey.ABSENT) {
      return new Silent(levels.get(0));
    }
    @Nullable Object[] values = levels.toArray();
    return PartitionKey.fromObjectArray(values, false);
  }

  /**
   * A key that does not print itself. The bulk executor makes text of every operation's key about
   * five times, for log lines that are mostly off; and when they are on, row values would stand
   * there. The wire does not use this text.
   */
  private static final class Silent extends PartitionKey {
    Silent(@Nullable Object value) {
      super(value);
    }

    @Override
    public String toString() {
      return "[...]";
    }
  }
}
