package io.reverseetl.delta;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A Parquet file that an action of the log names: a data file or a change data file.
 *
 * @param id its path as people see it: relative to the table's root, decoded
 * @param path its whole path in Kernel's form (not percent-encoded)
 * @param size its bytes
 * @param modificationTime milliseconds since 1970
 * @param partitionValues texts by physical column name; a value may be null
 */
record DataFile(
    String id,
    String path,
    long size,
    long modificationTime,
    Map<String, @Nullable String> partitionValues) {
  DataFile {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(path, "path");
  }
}
