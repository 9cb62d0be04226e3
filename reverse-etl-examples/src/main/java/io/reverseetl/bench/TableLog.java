package io.reverseetl.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Writes the table's transaction log, one commit after the other. */
final class TableLog {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String SCHEMA =
      """
      {"type":"struct","fields":[
      {"name":"id","type":"string","nullable":true,"metadata":{}},
      {"name":"tenant","type":"string","nullable":true,"metadata":{}},
      {"name":"n1","type":"integer","nullable":true,"metadata":{}},
      {"name":"n2","type":"integer","nullable":true,"metadata":{}},
      {"name":"l1","type":"long","nullable":true,"metadata":{}},
      {"name":"d1","type":"double","nullable":true,"metadata":{}},
      {"name":"d2","type":"double","nullable":true,"metadata":{}},
      {"name":"price","type":"decimal(18,4)","nullable":true,"metadata":{}},
      {"name":"updated","type":"timestamp","nullable":true,"metadata":{}},
      {"name":"title","type":"string","nullable":true,"metadata":{}},
      {"name":"tags","type":{"type":"array","elementType":"string","containsNull":true},
      "nullable":true,"metadata":{}},
      {"name":"address","type":{"type":"struct","fields":[
      {"name":"street","type":"string","nullable":true,"metadata":{}},
      {"name":"zip","type":"integer","nullable":true,"metadata":{}},
      {"name":"geo","type":{"type":"struct","fields":[
      {"name":"lat","type":"double","nullable":true,"metadata":{}},
      {"name":"lon","type":"double","nullable":true,"metadata":{}}]},
      "nullable":true,"metadata":{}}]},"nullable":true,"metadata":{}}]}
      """;

  private final Path folder;
  private final long started = System.currentTimeMillis();
  private final Map<String, Long> sizes = new HashMap<>();
  private List<ObjectNode> actions = new ArrayList<>();
  private long version;

  TableLog(Path table) throws IOException {
    folder = Files.createDirectories(table.resolve("_delta_log"));
  }

  void create() {
    ObjectNode protocol = action("protocol").put("minReaderVersion", 3).put("minWriterVersion", 7);
    protocol.putArray("readerFeatures").add("deletionVectors");
    protocol
        .putArray("writerFeatures")
        .add("deletionVectors")
        .add("changeDataFeed")
        .add("invariants")
        .add("appendOnly");
    ObjectNode metadata = action("metaData").put("id", UUID.randomUUID().toString());
    metadata.putObject("format").put("provider", "parquet").putObject("options");
    metadata.put("schemaString", SCHEMA.replace("\n", ""));
    metadata.putArray("partitionColumns");
    metadata
        .putObject("configuration")
        .put("delta.enableChangeDataFeed", "true")
        .put("delta.enableDeletionVectors", "true");
    metadata.put("createdTime", started);
  }

  void add(RowFile file) throws IOException {
    ObjectNode add = action("add").put("path", file.name());
    add.putObject("partitionValues");
    add.put("size", file.bytes()).put("modificationTime", time()).put("dataChange", true);
    add.put("stats", "{\"numRecords\":" + file.rows() + "}");
    sizes.put(file.name(), file.bytes());
  }

  void remove(String file) {
    Long size = sizes.remove(file);
    if (size == null) {
      throw new IllegalStateException("There is no file " + file + " to remove.");
    }
    ObjectNode remove = action("remove").put("path", file).put("deletionTimestamp", time());
    remove.put("dataChange", true).put("extendedFileMetadata", true);
    remove.putObject("partitionValues");
    remove.put("size", size);
  }

  void changes(RowFile file) throws IOException {
    ObjectNode cdc = action("cdc").put("path", file.name());
    cdc.putObject("partitionValues");
    cdc.put("size", file.bytes()).put("dataChange", false);
  }

  /** Ends a commit: what was added since the one before becomes a version. */
  void commit(String operation) throws IOException {
    ObjectNode line = JSON.createObjectNode();
    ObjectNode info = line.putObject("commitInfo").put("timestamp", time());
    info.put("operation", operation).putObject("operationParameters");
    info.put("isolationLevel", "WriteSerializable").put("isBlindAppend", false);
    info.put("engineInfo", "reverse-etl-bench").put("txnId", UUID.randomUUID().toString());
    StringBuilder text = new StringBuilder(JSON.writeValueAsString(line)).append('\n');
    for (ObjectNode action : actions) {
      text.append(JSON.writeValueAsString(action)).append('\n');
    }
    Path commit = folder.resolve("%020d.json".formatted(version));
    Path unfinished = folder.resolve("." + commit.getFileName() + ".tmp");
    Files.writeString(unfinished, text, StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW);
    // Whoever polls the table sees the whole commit or none of it.
    Files.move(unfinished, commit, StandardCopyOption.ATOMIC_MOVE);
    actions = new ArrayList<>();
    version++;
  }

  /** Commits are at least a millisecond apart, as readers expect. */
  private long time() {
    return Math.max(System.currentTimeMillis(), started + version);
  }

  private ObjectNode action(String name) {
    ObjectNode action = JSON.createObjectNode();
    actions.add(action);
    return action.putObject(name);
  }
}
