package io.reverseetl.cli;

import io.reverseetl.delta.DeltaTableSource;
import io.reverseetl.table.Cursor;
import io.reverseetl.table.Row;
import io.reverseetl.table.RowJson;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.SnapshotQuery;
import io.reverseetl.table.TableSnapshot;
import java.io.IOException;
import java.io.Writer;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Prints the rows of a table. */
@Command(
    name = "snapshot",
    description = "Prints the rows of a table as JSON lines, in no particular order.")
final class SnapshotCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private TableOptions table;

  @ArgGroup(exclusive = true)
  private @Nullable TimeTravel timeTravel;

  @Option(
      names = "--columns",
      split = ",",
      paramLabel = "COLUMN",
      description = "Only these columns, in this order. Default: all.")
  private @Nullable List<String> columns;

  @Mixin private OutputOption output;

  /** Which version; without it the newest. */
  static final class TimeTravel {
    @Option(
        names = "--version",
        paramLabel = "N",
        converter = VersionConverter.class,
        description = "The commit version.")
    private @Nullable Long version;

    @Option(
        names = "--timestamp",
        paramLabel = "ISO",
        description = "The version that was the newest then, as 2026-01-31T12:00:00Z.")
    private @Nullable String timestamp;
  }

  @Override
  public Integer call() throws IOException {
    SnapshotQuery query = query();
    try (DeltaTableSource source = table.open();
        TableSnapshot snapshot = source.openSnapshot(query);
        Writer out = output.open()) {
      RowJson json = new RowJson();
      for (SnapshotPart part : snapshot.parts()) {
        try (Cursor<Row> rows = snapshot.open(part)) {
          while (rows.advance()) {
            json.append(rows.current(), out);
            out.write('\n');
          }
        }
      }
    }
    return ExitCode.DONE;
  }

  private SnapshotQuery query() {
    SnapshotQuery query = SnapshotQuery.latest();
    if (timeTravel != null && timeTravel.version != null) {
      query = SnapshotQuery.atVersion(timeTravel.version);
    } else if (timeTravel != null && timeTravel.timestamp != null) {
      query = SnapshotQuery.atTimestamp(instant(timeTravel.timestamp));
    }
    if (columns != null) {
      query = query.columns(columns);
    }
    return table.filter().map(query::where).orElse(query);
  }

  private Instant instant(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw new ParameterException(
          spec.commandLine(),
          "--timestamp: an instant is written as 2026-01-31T12:00:00Z or with an offset.",
          e);
    }
  }
}
