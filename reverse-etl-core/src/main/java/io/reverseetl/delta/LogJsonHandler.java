package io.reverseetl.delta;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.data.ColumnarBatch;
import io.delta.kernel.data.Row;
import io.delta.kernel.defaults.engine.DefaultJsonHandler;
import io.delta.kernel.defaults.engine.fileio.FileIO;
import io.delta.kernel.defaults.internal.data.DefaultJsonRow;
import io.delta.kernel.defaults.internal.data.DefaultRowBasedColumnarBatch;
import io.delta.kernel.engine.JsonHandler;
import io.delta.kernel.exceptions.KernelEngineException;
import io.delta.kernel.expressions.Predicate;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.exceptions.TableReadException.Reason;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads log files as Kernel's handler does, but skips blank lines, and says which line of which
 * file cannot be understood without showing it: a log line holds column values.
 */
final class LogJsonHandler implements JsonHandler {
  private static final int BATCH_ROWS = 1024;
  private static final ObjectReader JSON =
      new ObjectMapper().reader(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  private final FileIO storage;
  private final DefaultJsonHandler defaults;

  LogJsonHandler(FileIO storage) {
    this.storage = storage;
    this.defaults = new DefaultJsonHandler(storage);
  }

  @Override
  public ColumnarBatch parseJson(
      ColumnVector texts, StructType schema, Optional<ColumnVector> selection) {
    return defaults.parseJson(texts, schema, selection);
  }

  @Override
  public CloseableIterator<ColumnarBatch> readJsonFiles(
      CloseableIterator<FileStatus> files, StructType schema, Optional<Predicate> predicate) {
    return new Lines(files, schema);
  }

  @Override
  public void writeJsonFileAtomically(String path, CloseableIterator<Row> rows, boolean overwrite) {
    throw new UnsupportedOperationException("Tables are only read.");
  }

  private final class Lines implements CloseableIterator<ColumnarBatch> {
    private final CloseableIterator<FileStatus> files;
    private final StructType schema;
    private @Nullable BufferedReader reader;
    private String path = "";
    private int lineNumber;
    private @Nullable Row next;

    Lines(CloseableIterator<FileStatus> files, StructType schema) {
      this.files = files;
      this.schema = schema;
    }

    @Override
    public boolean hasNext() {
      try {
        while (next == null) {
          String line = reader == null ? null : reader.readLine();
          if (line != null) {
            lineNumber++;
            if (!line.isBlank()) {
              next = parse(line);
            }
          } else if (!openNextFile()) {
            return false;
          }
        }
        return true;
      } catch (IOException e) {
        // As Kernel's own reader does: a missing file then counts as missing, and is not tried
        // again.
        throw new KernelEngineException("Cannot read a log file", e);
      }
    }

    private boolean openNextFile() throws IOException {
      closeReader();
      if (!files.hasNext()) {
        return false;
      }
      FileStatus file = files.next();
      path = file.getPath();
      lineNumber = 0;
      reader =
          new BufferedReader(
              new InputStreamReader(
                  storage.newInputFile(path, file.getSize()).newStream(), StandardCharsets.UTF_8));
      return true;
    }

    private Row parse(String line) {
      String problem;
      try {
        JsonNode node = JSON.readTree(line);
        if (node instanceof ObjectNode object) {
          return new DefaultJsonRow(object, schema);
        }
        problem = "it is no JSON object";
      } catch (JsonProcessingException e) {
        problem = "it is no JSON";
      } catch (RuntimeException e) {
        problem = "a field is missing or has another type than the Delta protocol says";
      }
      throw new TableReadException(
          Reason.CORRUPT_LOG,
          "Cannot understand line "
              + lineNumber
              + " of log file \""
              + Redaction.uri(path)
              + "\": "
              + problem
              + ". Restore the file from a backup, or read an earlier version.");
    }

    @Override
    public ColumnarBatch next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      List<Row> rows = new ArrayList<>();
      while (rows.size() < BATCH_ROWS && hasNext()) {
        rows.add(next);
        next = null;
      }
      return new DefaultRowBasedColumnarBatch(schema, rows);
    }

    private void closeReader() throws IOException {
      if (reader != null) {
        reader.close();
        reader = null;
      }
    }

    @Override
    public void close() throws IOException {
      try {
        closeReader();
      } finally {
        files.close();
      }
    }
  }
}
