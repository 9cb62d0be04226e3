package io.reverseetl.delta;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.data.Row;
import io.delta.kernel.defaults.engine.DefaultParquetHandler;
import io.delta.kernel.defaults.engine.hadoopio.HadoopFileIO;
import io.delta.kernel.defaults.internal.data.DefaultRowBasedColumnarBatch;
import io.delta.kernel.internal.data.GenericRow;
import io.delta.kernel.internal.deletionvectors.Base85Codec;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.types.StructType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/** A Delta table whose log a test writes line by line, with real Parquet files. */
final class HandMadeTable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final String id;
  private final AtomicInteger files = new AtomicInteger();
  private StructType schema;
  private List<String> partitionColumns = List.of();
  private final Map<String, String> properties = new LinkedHashMap<>();
  private long version = -1;

  HandMadeTable(Path folder, StructType schema) {
    this(folder, schema, UUID.randomUUID().toString());
  }

  HandMadeTable(Path folder, StructType schema, String id) {
    this.folder = folder;
    this.schema = schema;
    this.id = id;
    properties.put("delta.enableChangeDataFeed", "true");
    try {
      Files.createDirectories(folder.resolve("_delta_log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path folder() {
    return folder;
  }

  String id() {
    return id;
  }

  long version() {
    return version;
  }

  HandMadeTable partitionedBy(String... columns) {
    partitionColumns = List.of(columns);
    return this;
  }

  HandMadeTable property(String name, String value) {
    properties.put(name, value);
    return this;
  }

  HandMadeTable schema(StructType newSchema) {
    schema = newSchema;
    return this;
  }

  /** The commit with which a table begins, with more lines. */
  long create(String... more) {
    List<String> lines =
        new ArrayList<>(List.of(commitInfo("CREATE TABLE"), protocol(), metadata()));
    lines.addAll(List.of(more));
    return commit(lines.toArray(String[]::new));
  }

  /** Writes a commit file. */
  long commit(String... lines) {
    return commitText(String.join("\n", lines) + "\n");
  }

  /** Writes a commit file as it is. */
  long commitText(String text) {
    version++;
    try {
      // In one step, as others may be reading.
      Path fresh = Files.writeString(folder.resolve(".commit-" + version), text);
      Files.move(fresh, commitFile(version), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return version;
  }

  Path commitFile(long number) {
    return folder.resolve("_delta_log").resolve(String.format("%020d.json", number));
  }

  void commitTime(long number, long millis) {
    try {
      Files.setLastModifiedTime(commitFile(number), FileTime.fromMillis(millis));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String protocol(String... readerFeatures) {
    List<String> features = new ArrayList<>(List.of("deletionVectors", "columnMapping"));
    features.addAll(List.of(readerFeatures));
    return action(
        "protocol",
        Map.of(
            "minReaderVersion",
            3,
            "minWriterVersion",
            7,
            "readerFeatures",
            features,
            "writerFeatures",
            features));
  }

  String metadata() {
    return metadata(id);
  }

  String metadata(String tableId) {
    return action(
        "metaData",
        Map.of(
            "id",
            tableId,
            "format",
            Map.of("provider", "parquet", "options", Map.of()),
            "schemaString",
            schema.toJson(),
            "partitionColumns",
            partitionColumns,
            "configuration",
            properties,
            "createdTime",
            1));
  }

  static String commitInfo(String operation) {
    return action(
        "commitInfo",
        Map.of("timestamp", 1, "operation", operation, "operationParameters", Map.of()));
  }

  static String commitInfo(Map<String, Object> fields) {
    return action("commitInfo", fields);
  }

  /** A file with rows, whose values are in the order of the schema without partition columns. */
  String write(Object[]... rows) {
    String name = "part-" + files.incrementAndGet() + ".parquet";
    write(name, dataSchema(), rows);
    return name;
  }

  /** The same for change data: the first value of each row is the type of the change. */
  String writeChanges(Object[]... rows) {
    String name = "_change_data/cdc-" + files.incrementAndGet() + ".parquet";
    StructType type = new StructType().add("_change_type", io.delta.kernel.types.StringType.STRING);
    for (var field : dataSchema().fields()) {
      type = type.add(field);
    }
    write(name, type, rows);
    return name;
  }

  private StructType dataSchema() {
    return new StructType(
        schema.fields().stream().filter(f -> !partitionColumns.contains(f.getName())).toList());
  }

  /** A file of a name and schema of its own. */
  void write(String name, StructType type, Object[]... rows) {
    List<Row> made = new ArrayList<>();
    for (Object[] values : rows) {
      Map<Integer, Object> byOrdinal = new HashMap<>();
      for (int i = 0; i < values.length; i++) {
        byOrdinal.put(i, values[i]);
      }
      made.add(new GenericRow(type, byOrdinal));
    }
    Path target = folder.resolve(name);
    try {
      Path temporary = Files.createTempDirectory("hand-made");
      Path file = temporary.resolve("file.parquet");
      new DefaultParquetHandler(new HadoopFileIO(new Configuration()))
          .writeParquetFileAtomically(
              "file:" + file,
              Utils.singletonCloseableIterator(
                  new FilteredColumnarBatch(
                      new DefaultRowBasedColumnarBatch(type, made), Optional.empty())));
      Files.createDirectories(target.getParent());
      Files.move(file, target, StandardCopyOption.REPLACE_EXISTING);
      Files.deleteIfExists(temporary.resolve(".file.parquet.crc"));
      Files.delete(temporary);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An action on a file, to which a test adds fields. */
  final class FileAction {
    private final String kind;
    private final Map<String, Object> fields = new LinkedHashMap<>();

    private FileAction(String kind, String path) {
      this.kind = kind;
      fields.put("path", path);
      fields.put("partitionValues", Map.of());
      fields.put("size", sizeOf(path));
      fields.put("modificationTime", 1);
      fields.put("dataChange", !kind.equals("cdc"));
    }

    FileAction with(String name, Object value) {
      fields.put(name, value);
      return this;
    }

    FileAction without(String name) {
      fields.remove(name);
      return this;
    }

    FileAction vector(long... rows) {
      return vectorText(
          Base85Codec.encodeBytes(vectorBytes(rows)), vectorBytes(rows).length, rows.length);
    }

    FileAction vectorText(String text, int size, long cardinality) {
      return with(
          "deletionVector",
          Map.of(
              "storageType", "i",
              "pathOrInlineDv", text,
              "sizeInBytes", size,
              "cardinality", cardinality));
    }

    FileAction partition(String column, @Nullable String value) {
      Map<String, Object> values = new HashMap<>();
      values.put(column, value);
      return with("partitionValues", values);
    }

    @Override
    public String toString() {
      return action(kind, fields);
    }
  }

  private long sizeOf(String path) {
    try {
      Path file = folder.resolve(path);
      return Files.exists(file) ? Files.size(file) : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  FileAction add(String path) {
    return new FileAction("add", path);
  }

  FileAction remove(String path) {
    return new FileAction("remove", path);
  }

  FileAction cdc(String path) {
    return new FileAction("cdc", path);
  }

  private static String action(String name, Map<String, Object> fields) {
    try {
      return JSON.writeValueAsString(Map.of(name, fields));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A deletion vector of rows below 65536, in the form that inline vectors have. */
  static byte[] vectorBytes(long... rows) {
    long[] sorted = rows.clone();
    Arrays.sort(sorted);
    ByteBuffer out = ByteBuffer.allocate(32 + 2 * sorted.length).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(1681511377).putLong(1).putInt(0);
    out.putInt(12346).putInt(1).putShort((short) 0).putShort((short) (sorted.length - 1));
    out.putInt(16);
    for (long row : sorted) {
      out.putShort((short) row);
    }
    return out.array();
  }
}
