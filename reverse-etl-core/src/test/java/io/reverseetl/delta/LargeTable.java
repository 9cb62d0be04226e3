package io.reverseetl.delta;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/**
 * Writes a Delta table whose files are too large to be read at once: several row groups, and
 * columns of which one need not be read.
 */
public final class LargeTable {
  /** How many rows each file has. */
  public static final int ROWS = 9_000;

  private static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          "message t { optional int64 id; optional binary name (STRING);"
              + " optional binary ballast (STRING); optional binary note (STRING); }");
  private static final String TABLE_SCHEMA =
      "{\\\"type\\\":\\\"struct\\\",\\\"fields\\\":["
          + field("id", "long")
          + ","
          + field("name", "string")
          + ","
          + field("ballast", "string")
          + ","
          + field("note", "string")
          + "]}";

  private LargeTable() {}

  private static String field(String name, String type) {
    return "{\\\"name\\\":\\\""
        + name
        + "\\\",\\\"type\\\":\\\""
        + type
        + "\\\",\\\"nullable\\\":true,\\\"metadata\\\":{}}";
  }

  /**
   * Writes a table of some files, {@code part-0.parquet} and so on.
   *
   * @param folder where; it is made
   * @param files how many files
   * @param codec how their pages are packed: a name of Parquet's
   */
  public static void write(Path folder, int files, String codec) {
    try {
      Files.createDirectories(folder.resolve("_delta_log"));
      StringBuilder log =
          new StringBuilder(
              "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}\n"
                  + "{\"metaData\":{\"id\":\"large\",\"format\":{\"provider\":\"parquet\","
                  + "\"options\":{}},\"schemaString\":\""
                  + TABLE_SCHEMA
                  + "\",\"partitionColumns\":[],\"configuration\":{}}}\n");
      for (int file = 0; file < files; file++) {
        Path path = folder.resolve("part-" + file + ".parquet");
        writeFile(path, file, 0, CompressionCodecName.valueOf(codec));
        log.append("{\"add\":{\"path\":\"part-")
            .append(file)
            .append(".parquet\",\"partitionValues\":{},\"size\":")
            .append(Files.size(path))
            .append(",\"modificationTime\":0,\"dataChange\":true}}\n");
      }
      Files.writeString(folder.resolve("_delta_log/00000000000000000000.json"), log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Writes a file as that of an uncompressed table is, byte for byte as long and cut in the same
   * places, but with other values.
   *
   * @param path where; it is not there yet
   * @param file which of the table's files it is like
   */
  public static void writeTwin(Path path, int file) {
    try {
      writeFile(path, file, 1_000_000, CompressionCodecName.UNCOMPRESSED);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void writeFile(Path path, int file, int salt, CompressionCodecName codec)
      throws IOException {
    Random random = new Random(file + salt);
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(path))
            .withConf(new PlainParquetConfiguration())
            .withType(SCHEMA)
            .withCompressionCodec(codec)
            .withDictionaryEncoding(false)
            .withPageSize(64 << 10)
            // Checksums take more bytes or fewer, and a twin is to be as long.
            .withPageWriteChecksumEnabled(false)
            .withRowGroupSize(1L << 20)
            .withMinRowCountForPageSizeCheck(100)
            .withMaxRowCountForPageSizeCheck(100)
            .build()) {
      for (int row = 0; row < ROWS; row++) {
        Group group = new SimpleGroup(SCHEMA);
        group.append("id", (long) file * ROWS + row);
        group.append("name", text(random, 40));
        group.append("ballast", text(random, 200));
        group.append("note", text(random, 30));
        writer.write(group);
      }
    }
  }

  private static String text(Random random, int length) {
    StringBuilder text = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      text.append((char) ('!' + random.nextInt(90)));
    }
    return text.toString();
  }
}
