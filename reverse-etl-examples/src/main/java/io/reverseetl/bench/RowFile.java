package io.reverseetl.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileWriter.Mode;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.OutputFile;

/** A Parquet file of the table while it is written. */
final class RowFile implements AutoCloseable {
  private final Path table;
  private final String name;
  private final RowWriteSupport support;
  private final ParquetWriter<BenchRow> writer;
  private long rows;

  private RowFile(Path table, String name, boolean changes) throws IOException {
    this.table = table;
    this.name = name;
    this.support = new RowWriteSupport(changes);
    Path file = table.resolve(name);
    Files.createDirectories(file.resolveSibling("."));
    this.writer = new Builder(new LocalOutputFile(file), support).build();
  }

  /** A file of rows. */
  static RowFile data(Path table, String name) throws IOException {
    return new RowFile(table, name, false);
  }

  /** A file of rows that changed. */
  static RowFile changes(Path table, String name) throws IOException {
    return new RowFile(table, name, true);
  }

  void write(BenchRow row) throws IOException {
    writer.write(row);
    rows++;
  }

  void write(BenchRow row, String changeType) throws IOException {
    support.changeType(changeType);
    write(row);
  }

  /** The path below the table's folder. */
  String name() {
    return name;
  }

  long rows() {
    return rows;
  }

  /** The size of the finished file. */
  long bytes() throws IOException {
    return Files.size(table.resolve(name));
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }

  private static final class Builder extends ParquetWriter.Builder<BenchRow, Builder> {
    private final RowWriteSupport support;

    Builder(OutputFile file, RowWriteSupport support) {
      super(file);
      this.support = support;
      withConf(new PlainParquetConfiguration());
      withCompressionCodec(CompressionCodecName.SNAPPY);
      withWriteMode(Mode.CREATE);
    }

    @Override
    protected Builder self() {
      return this;
    }

    @Override
    @SuppressWarnings("deprecation") // abstract above us
    protected WriteSupport<BenchRow> getWriteSupport(
        org.apache.hadoop.conf.Configuration configuration) {
      return support;
    }

    @Override
    protected WriteSupport<BenchRow> getWriteSupport(ParquetConfiguration configuration) {
      return support;
    }
  }
}
