package io.reverseetl.cli;

import io.reverseetl.delta.DeltaTableSource;
import io.reverseetl.table.ChangeCursor;
import io.reverseetl.table.ChangeMethod;
import io.reverseetl.table.ChangeQuery;
import io.reverseetl.table.RowChange;
import io.reverseetl.table.RowJson;
import io.reverseetl.table.SchemaMode;
import java.io.IOException;
import java.io.Writer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Prints the row changes of a range of commits. */
@Command(name = "changes", description = "Prints row changes as JSON lines, in version order.")
final class ChangesCommand implements Callable<Integer> {
  private static final DateTimeFormatter TIMESTAMP =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  @Spec private CommandSpec spec;

  @Option(
      names = "--table",
      required = true,
      paramLabel = "URI",
      description =
          "The Delta table: a folder, a URI of Azure storage (abfss://, https://), or any that Hadoop reads.")
  private String table;

  @Option(
      names = "--allow-files-outside-table",
      description = "Read files that the log names outside the table's folder (shallow clones).")
  private boolean allowFilesOutsideTable;

  @Option(
      names = "--from",
      required = true,
      paramLabel = "V",
      converter = VersionConverter.class,
      description = "The first commit.")
  private Long from;

  @Option(
      names = "--to",
      paramLabel = "V",
      converter = VersionConverter.class,
      description = "The last commit, included. Default, and at most: the newest.")
  private @Nullable Long to;

  @Option(
      names = "--schema-mode",
      paramLabel = "MODE",
      defaultValue = "strict",
      converter = SchemaModeConverter.class,
      description =
          "strict refuses the ranges that Spark refuses; per-commit reads each commit with its own"
              + " schema. Default: ${DEFAULT-VALUE}.")
  private SchemaMode schemaMode;

  @Option(
      names = "--method",
      paramLabel = "METHOD",
      defaultValue = "feed",
      description =
          "feed reads the change data feed; diff compares the files of each commit and needs no"
              + " feed. Default: ${DEFAULT-VALUE}.")
  private ChangeMethod method;

  @Option(
      names = "--keys",
      split = ",",
      paramLabel = "COLUMN",
      description = "The row's key; with --method diff, changed rows are then updates.")
  private @Nullable List<String> keys;

  @Mixin private OutputOption output;

  @Override
  public Integer call() throws IOException {
    try (DeltaTableSource source =
            TableSources.open(spec.commandLine(), table, allowFilesOutsideTable);
        ChangeCursor changes = source.openChanges(query());
        Writer out = output.open()) {
      RowJson json = new RowJson();
      while (changes.advance()) {
        write(changes.current(), json, out);
      }
    }
    return ExitCode.DONE;
  }

  private ChangeQuery query() {
    ChangeQuery query = ChangeQuery.from(from).schemaMode(schemaMode).method(method);
    if (to != null) {
      if (to < from) {
        throw new ParameterException(
            spec.commandLine(), "--to: the last commit is not before the first.");
      }
      query = query.to(to);
    }
    return keys == null ? query : query.keys(keys);
  }

  private static void write(RowChange change, RowJson json, Writer out) throws IOException {
    out.write("{\"_change_type\":\"");
    out.write(change.type().name().toLowerCase(Locale.ROOT));
    out.write("\",\"_commit_version\":");
    out.write(Long.toString(change.commitVersion()));
    out.write(",\"_commit_timestamp\":\"");
    out.write(timestamp(change.commitTimestamp()));
    out.write("\",\"row\":");
    json.append(change.row(), out);
    out.write("}\n");
  }

  private static String timestamp(Instant instant) {
    return TIMESTAMP.format(instant);
  }

  /** Reads {@code strict} and {@code per-commit}. */
  static final class SchemaModeConverter implements ITypeConverter<SchemaMode> {
    @Override
    public SchemaMode convert(String text) {
      return switch (text.toLowerCase(Locale.ROOT)) {
        case "strict" -> SchemaMode.STRICT;
        case "per-commit" -> SchemaMode.PER_COMMIT;
        default ->
            throw new TypeConversionException(
                "a schema mode is strict or per-commit, not \"" + text + "\"");
      };
    }
  }
}
