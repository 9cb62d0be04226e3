package io.reverseetl;

import io.reverseetl.document.Document;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.reduce.DocumentChanges;
import io.reverseetl.reduce.OrderValue;
import io.reverseetl.table.BoundRowFilter;
import io.reverseetl.table.Row;
import io.reverseetl.table.RowChange;
import io.reverseetl.table.StructType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes changes of documents of row changes: filters and maps rows in the columns that each has,
 * and sets aside what cannot be mapped. For one thread.
 */
final class ChangeMapping {
  private final Pipeline pipeline;
  private final RejectedRows rejectedRows;
  private final DocumentChanges changes;
  private final String share;
  private final List<Document> documents = new ArrayList<>(1);

  private @Nullable StructType boundTo;
  private DocumentMapper mapper;
  private @Nullable BoundRowFilter filter;
  private int orderColumn = -1;
  private long bytes;
  private long failures;

  /**
   * For the rows of one reading.
   *
   * @param share how a dead letter names the share of a commit that is read; empty for all of it
   */
  ChangeMapping(
      Pipeline pipeline, RejectedRows rejectedRows, DocumentChanges changes, String share) {
    this.pipeline = pipeline;
    this.rejectedRows = rejectedRows;
    this.changes = changes;
    this.share = share;
    this.mapper = pipeline.mapper();
  }

  /**
   * Prepares for rows with these columns.
   *
   * @return false if it was prepared for them already
   * @throws ConfigurationException if the pipeline does not fit them; nothing changed
   */
  boolean bind(StructType type) {
    if (type.equals(boundTo)) {
      return false;
    }
    DocumentMapper bound = pipeline.mapper().bind(type);
    filter = pipeline.filter().map(rows -> rows.bind(type)).orElse(null);
    orderColumn = orderColumn(type);
    mapper = bound;
    boundTo = type;
    return true;
  }

  private int orderColumn(StructType type) {
    String column = pipeline.duplicateKeys().column();
    if (column == null) {
      return -1;
    }
    int ordinal = type.indexOf(column);
    if (ordinal < 0) {
      throw new ConfigurationException(
          "Duplicate rows of pipeline \""
              + pipeline.name()
              + "\" are told apart by column \""
              + column
              + "\", but the table has "
              + type.names()
              + ". Name another column.");
    }
    return ordinal;
  }

  /**
   * Maps a row change, whose columns are bound.
   *
   * @param number its position in what is read of its commit, from 0
   */
  void take(RowChange change, long number) {
    Row row = change.row();
    if (filter != null && !filter.test(row)) {
      return;
    }
    long version = change.commitVersion();
    boolean live = change.type().isLive();
    documents.clear();
    try {
      mapper.map(row, documents::add);
    } catch (MappingException e) {
      // A row that went and cannot be mapped never was a document.
      if (live) {
        setAside(e, version, number);
      }
      return;
    }
    OrderValue order = live && orderColumn >= 0 ? OrderValue.of(row, orderColumn) : null;
    for (int i = 0; i < documents.size(); i++) {
      Document document = documents.get(i);
      bytes += document.sizeInBytes();
      if (live) {
        changes.live(version, document, order);
      } else {
        changes.gone(version, document);
      }
    }
  }

  private void setAside(MappingException e, long version, long number) {
    failures++;
    String location = "change " + number + " of " + share + "commit " + version;
    MappingException located =
        new MappingException(
            e.column().orElse(null),
            "Cannot map "
                + location
                + " of pipeline \""
                + pipeline.name()
                + "\": "
                + e.getMessage(),
            e);
    rejectedRows.setAside(version, location, "MAPPING", Optional.empty(), located);
  }

  /** JSON bytes of the documents so far. */
  long bytes() {
    return bytes;
  }

  /** How many rows were set aside. */
  long failures() {
    return failures;
  }
}
