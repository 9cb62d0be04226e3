package io.reverseetl.delta;

import io.delta.kernel.defaults.engine.DefaultExpressionHandler;
import io.delta.kernel.defaults.engine.DefaultFileSystemClient;
import io.delta.kernel.defaults.engine.fileio.FileIO;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.engine.ExpressionHandler;
import io.delta.kernel.engine.FileSystemClient;
import io.delta.kernel.engine.JsonHandler;
import io.delta.kernel.engine.MetricsReporter;
import io.delta.kernel.engine.ParquetHandler;
import java.util.List;

/**
 * The Kernel engine of a source: one storage, the forgiving log reader, the Parquet reader of this
 * package, and no metrics reports into the log.
 */
final class TableEngine implements Engine {
  private final ExpressionHandler expressions = new DefaultExpressionHandler();
  private final JsonHandler json;
  private final FileSystemClient files;
  private final ParquetHandler parquet;

  TableEngine(FileIO storage, ParquetHandler parquet) {
    this.json = new LogJsonHandler(storage);
    this.files = new DefaultFileSystemClient(storage);
    this.parquet = parquet;
  }

  @Override
  public ExpressionHandler getExpressionHandler() {
    return expressions;
  }

  @Override
  public JsonHandler getJsonHandler() {
    return json;
  }

  @Override
  public FileSystemClient getFileSystemClient() {
    return files;
  }

  @Override
  public ParquetHandler getParquetHandler() {
    return parquet;
  }

  @Override
  public List<MetricsReporter> getMetricsReporters() {
    return List.of();
  }
}
