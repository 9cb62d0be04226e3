package io.reverseetl.cli;

import io.reverseetl.delta.DeltaTableSource;
import io.reverseetl.table.RowFilter;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which table, and which of its rows. */
final class TableOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--table",
      required = true,
      paramLabel = "URI",
      description =
          "The Delta table: a folder, a URI of Azure storage (abfss://, https://), or any that Hadoop reads.")
  private String table;

  @Option(
      names = "--where",
      paramLabel = "PREDICATE",
      description =
          "Only rows that meet it: comparisons, IN, BETWEEN, LIKE, IS [NOT] NULL, AND, OR, NOT,"
              + " parentheses.")
  private @Nullable String where;

  @Option(
      names = "--allow-files-outside-table",
      description = "Read files that the log names outside the table's folder (shallow clones).")
  private boolean allowFilesOutsideTable;

  String table() {
    return table;
  }

  DeltaTableSource open() {
    return TableSources.open(spec.commandLine(), table, allowFilesOutsideTable);
  }

  Optional<RowFilter> filter() {
    if (where == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(RowFilter.parse(where));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--where: " + e.getMessage(), e);
    }
  }
}
