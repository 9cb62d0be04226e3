package io.reverseetl.delta;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/** A Delta table written line by line and cell by cell, for what Spark does not write. */
final class HandWrittenTable {
  private final Path folder;
  private long nextVersion;

  private HandWrittenTable(Path folder) {
    this.folder = folder;
  }

  /**
   * A new table.
   *
   * @param fields the fields of the schema, as JSON objects
   * @param partitionColumns as a JSON array
   * @param readerFeatures as a JSON array
   */
  static HandWrittenTable create(
      Path folder, String fields, String partitionColumns, String readerFeatures)
      throws IOException {
    Files.createDirectories(folder.resolve("_delta_log"));
    HandWrittenTable table = new HandWrittenTable(folder);
    String schema = ("{\"type\":\"struct\",\"fields\":[" + fields + "]}").replace("\"", "\\\"");
    table.commit(
        "{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":"
            + readerFeatures
            + ",\"writerFeatures\":"
            + readerFeatures
            + "}}",
        "{\"metaData\":{\"id\":\"0b4d4e4e-0000-4000-8000-000000000000\",\"format\":{\"provider\":"
            + "\"parquet\",\"options\":{}},\"schemaString\":\""
            + schema
            + "\",\"partitionColumns\":"
            + partitionColumns
            + ",\"configuration\":{},\"createdTime\":0}}");
    return table;
  }

  Path folder() {
    return folder;
  }

  static String field(String name, String type) {
    String json = type.startsWith("{") ? type : "\"" + type + "\"";
    return "{\"name\":\"" + name + "\",\"type\":" + json + ",\"nullable\":true,\"metadata\":{}}";
  }

  void commit(String... actions) throws IOException {
    Path file = folder.resolve(String.format(Locale.ROOT, "_delta_log/%020d.json", nextVersion++));
    Files.writeString(file, String.join("\n", actions) + "\n");
  }

  /**
   * Writes a data file and commits it.
   *
   * @param more further members of the add action, each with a comma in front
   */
  void add(
      String name, String partitionValues, String more, String schema, List<Consumer<Group>> rows)
      throws IOException {
    add(name, partitionValues, more, schema, rows, writer -> {});
  }

  /** As {@link #add}, with options of the file. */
  void add(
      String name,
      String partitionValues,
      String more,
      String schema,
      List<Consumer<Group>> rows,
      Consumer<ExampleParquetWriter.Builder> options)
      throws IOException {
    Path file = folder.resolve(name);
    MessageType type = MessageTypeParser.parseMessageType(schema);
    ExampleParquetWriter.Builder builder =
        ExampleParquetWriter.builder(new LocalOutputFile(file))
            .withConf(new PlainParquetConfiguration())
            .withType(type);
    options.accept(builder);
    try (ParquetWriter<Group> writer = builder.build()) {
      for (Consumer<Group> row : rows) {
        Group group = new SimpleGroup(type);
        row.accept(group);
        writer.write(group);
      }
    }
    commit(
        "{\"add\":{\"path\":\""
            + name
            + "\",\"partitionValues\":"
            + partitionValues
            + ",\"size\":"
            + Files.size(file)
            + ",\"modificationTime\":0,\"dataChange\":true"
            + more
            + "}}");
  }
}
