package io.reverseetl;

import io.reverseetl.document.Document;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.reduce.KeyCodec;
import io.reverseetl.reduce.KeyFingerprints;
import io.reverseetl.table.Cursor;
import io.reverseetl.table.Row;
import io.reverseetl.table.TableSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Reads parts, maps their rows, and hands the documents over. Belongs to one thread. */
final class PartReader {
  private final TableSnapshot snapshot;
  private final WritePath writes;
  private final RejectedRows rejectedRows;
  private final LongAdder rowsRead;
  private final ReadAhead readAhead;
  private final BooleanSupplier stopping;
  private final DocumentMapper mapper;
  private final long version;
  private final OperationMaker operations;
  private final KeyFingerprints.@Nullable Buffer keys;
  private final List<Document> documents = new ArrayList<>(1);

  PartReader(
      Pipeline pipeline,
      List<String> partitionKeyPaths,
      TableSnapshot snapshot,
      WritePath writes,
      RejectedRows rejectedRows,
      LongAdder rowsRead,
      ReadAhead readAhead,
      @Nullable KeyFingerprints keys,
      BooleanSupplier stopping) {
    this.snapshot = snapshot;
    this.writes = writes;
    this.rejectedRows = rejectedRows;
    this.rowsRead = rowsRead;
    this.readAhead = readAhead;
    this.stopping = stopping;
    this.mapper = pipeline.mapper().bind(snapshot.schema());
    this.version = snapshot.version().version();
    this.operations = new OperationMaker(pipeline, partitionKeyPaths);
    this.keys = keys == null ? null : new KeyFingerprints.Buffer(keys);
  }

  /**
   * Reads a part from where earlier runs left it, to its end or until the load stops.
   *
   * @return whether it came to the end
   * @throws InterruptedException if interrupted while handing over; the part's rows up to there are
   *     counted
   */
  boolean read(LoadPart part) throws InterruptedException {
    try (Cursor<Row> rows = part.open(snapshot, readAhead)) {
      long row = 0;
      while (rows.advance()) {
        if (row++ < part.firstRow()) {
          continue;
        }
        if (stopping.getAsBoolean()) {
          return false;
        }
        handOver(rows.current(), row, part);
        part.rowHandedOver();
        rowsRead.increment();
      }
    }
    if (keys != null) {
      // Before the part can count as durable.
      keys.flush();
    }
    part.readToTheEnd();
    return true;
  }

  private void handOver(Row row, long number, LoadPart part) throws InterruptedException {
    documents.clear();
    try {
      mapper.map(row, documents::add);
    } catch (MappingException e) {
      MappingException located = located(e, number, part);
      rejectedRows.setAside(version, location(number, part), "MAPPING", Optional.empty(), located);
      return;
    }
    for (int i = 0; i < documents.size(); i++) {
      Document document = documents.get(i);
      if (keys != null) {
        keys.add(KeyCodec.longHash(document.key()));
      }
      part.sending();
      boolean sent = false;
      try {
        writes.write(operations.upsert(document, version), part);
        sent = true;
      } finally {
        if (!sent) {
          part.notSent();
        }
      }
    }
  }

  private MappingException located(MappingException e, long number, LoadPart part) {
    return new MappingException(
        e.column().orElse(null),
        "Cannot map "
            + location(number, part)
            + " in version "
            + version
            + " of table "
            + snapshot.version().tableUri()
            + ": "
            + e.getMessage(),
        e);
  }

  private static String location(long number, LoadPart part) {
    return "row " + number + " of " + part.name();
  }
}
