package io.reverseetl.cli;

import io.reverseetl.Deletes;
import io.reverseetl.Pipeline;
import io.reverseetl.delta.DeltaTableSource;
import io.reverseetl.document.FileDeadLetterSink;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.table.Column;
import io.reverseetl.table.SnapshotQuery;
import io.reverseetl.table.TableSnapshot;
import io.reverseetl.table.TableSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of every command that works on a pipeline. */
final class PipelineOptions {
  private static final String FILE = "file:";
  private static final String COSMOS = "cosmos:";
  private static final Pattern SOFT_DELETE = Pattern.compile("([^,]+)(?:,ttl=(\\d{1,9}))?");

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Mixin private TableOptions table;
  @Mixin private TargetOptions target;

  @Option(
      names = "--pipeline",
      paramLabel = "NAME",
      defaultValue = "default",
      description = "Names the pipeline in checkpoints and reports. Default: ${DEFAULT-VALUE}.")
  private String name;

  @Option(
      names = "--id",
      required = true,
      split = ",",
      paramLabel = "COLUMN",
      description = "The column or columns that make the document's id.")
  private List<String> id;

  @Option(
      names = "--partition-key",
      required = true,
      split = ",",
      paramLabel = "COLUMN",
      description = "The partition key's column; up to three make a hierarchical key.")
  private List<String> partitionKey;

  @Option(
      names = "--include",
      split = ",",
      paramLabel = "COLUMN",
      description = "Only these columns go into the document. Default: all.")
  private List<String> include = new ArrayList<>();

  @Option(
      names = "--exclude",
      split = ",",
      paramLabel = "COLUMN",
      description = "These columns stay out of the document.")
  private List<String> exclude = new ArrayList<>();

  @Option(
      names = "--rename",
      paramLabel = "FROM=TO",
      description =
          "The property's name, or its path as /a/b, where it differs from the column's. Repeatable.")
  private Map<String, String> rename = new LinkedHashMap<>();

  @Mixin private ThroughputOptions throughput;

  @Option(
      names = "--dead-letters",
      paramLabel = "PLACE",
      description = {
        "Set rows aside there that cannot be written, and go on: file:PATH, or cosmos:CONTAINER in"
            + " the same database.",
        "Default: stop."
      })
  private @Nullable String deadLetters;

  @Option(
      names = "--max-dead-letters",
      paramLabel = "N",
      description = "How many rows may be set aside before the run stops. Default: no limit.")
  private @Nullable Long maxDeadLetters;

  @Option(
      names = "--soft-delete",
      paramLabel = "FIELD[,ttl=SECONDS]",
      description = {
        "Keep the documents of deleted rows, with this property true.",
        "With ttl the container removes them after that time, if its time to live is switched on."
      })
  private @Nullable String softDelete;

  @Option(
      names = "--stamp",
      description = "Write the commit version into each document, as _sourceVersion.")
  private boolean stamp;

  @Option(
      names = "--read-threads",
      paramLabel = "N",
      description = "How many files are read at once. Default: the processors, at most 4.")
  private @Nullable Integer readThreads;

  /** The pipeline's name. */
  String name() {
    return name;
  }

  /** The limit, if there is one. */
  OptionalDouble requestUnitsPerSecond() {
    return throughput.budget();
  }

  /** Opens everything that a run needs. */
  OpenPipeline open() {
    return open(true, null);
  }

  /** As {@link #open()}, for runs that write, or compare with what was written. */
  OpenPipeline open(StrategyOptions strategy) {
    return open(true, strategy);
  }

  /** Opens what is needed to look at documents without a target. */
  OpenPipeline openWithoutTarget() {
    return open(false, null);
  }

  private OpenPipeline open(boolean withTarget, @Nullable StrategyOptions strategy) {
    OpenPipeline.Builder parts = new OpenPipeline.Builder();
    try {
      Pipeline.Builder pipeline = pipeline();
      DeltaTableSource source = parts.closing(table.open());
      pipeline.source(source);
      table.filter().ifPresent(pipeline::where);
      pipeline.mapper(mapper());
      String lettersContainer = deadLetters(pipeline, parts);
      if (maxDeadLetters != null) {
        pipeline.maxDeadLetters(maxDeadLetters);
      }
      if (readThreads != null) {
        pipeline.readThreads(readThreads);
      }
      if (softDelete != null) {
        pipeline.deletes(deletes(softDelete));
      }
      if (strategy != null) {
        strategy.apply(pipeline, () -> properties(source), softDelete != null);
      }
      pipeline.stampSourceVersion(stamp);
      if (withTarget) {
        target.connect(pipeline, parts, partitionKeyPaths(), throughput, name, lettersContainer);
      } else {
        TargetOptions.none(pipeline);
      }
      return parts.build(pipeline);
    } catch (IllegalArgumentException e) {
      parts.closeQuietly(e);
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    } catch (RuntimeException | Error e) {
      parts.closeQuietly(e);
      throw e;
    }
  }

  /** The pipeline's name. */
  String name() {
    return name;
  }

  /** Where the documents would go. */
  TargetOptions target() {
    return target;
  }

  /** How much of the container's throughput a run may use. */
  ThroughputOptions throughput() {
    return throughput;
  }

  private Pipeline.Builder pipeline() {
    return Pipeline.builder(name);
  }

  /** The top-level properties that the columns of the newest version become. */
  private List<String> properties(TableSource source) {
    Set<String> names = new LinkedHashSet<>();
    try (TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.latest())) {
      for (Column column : snapshot.tableSchema().columns()) {
        String of = column.name();
        if ((include.isEmpty() || include.contains(of)) && !exclude.contains(of)) {
          String to = rename.get(of);
          names.add(to == null ? of : to.split("[/.]", -1)[to.startsWith("/") ? 1 : 0]);
        }
      }
    }
    names.remove("id");
    return List.copyOf(names);
  }

  private List<String> partitionKeyPaths() {
    return mapper().partitionKeyPaths();
  }

  private ColumnMapper mapper() {
    ColumnMapper.Builder mapper =
        ColumnMapper.builder()
            .id(id.toArray(String[]::new))
            .partitionKey(partitionKey.toArray(String[]::new));
    if (!include.isEmpty()) {
      mapper.include(include.toArray(String[]::new));
    }
    if (!exclude.isEmpty()) {
      mapper.exclude(exclude.toArray(String[]::new));
    }
    rename.forEach(mapper::rename);
    try {
      return mapper.build();
    } catch (ConfigurationException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private Deletes deletes(String option) {
    Matcher form = SOFT_DELETE.matcher(option);
    if (!form.matches()) {
      throw new ParameterException(
          spec.commandLine(), "--soft-delete: written as FIELD or FIELD,ttl=SECONDS.");
    }
    Deletes soft = Deletes.soft(form.group(1));
    return form.group(2) == null
        ? soft
        : soft.expireAfter(Duration.ofSeconds(Long.parseLong(form.group(2))));
  }

  boolean hasDeadLetters() {
    return deadLetters != null;
  }

  /** Takes the file for dead letters into the pipeline, or gives the container for them. */
  private @Nullable String deadLetters(Pipeline.Builder pipeline, OpenPipeline.Builder parts) {
    String place = deadLetters;
    if (place == null) {
      return null;
    }
    if (place.startsWith(FILE) && place.length() > FILE.length()) {
      Path file = Path.of(place.substring(FILE.length()));
      pipeline.deadLetters(parts.closing(FileDeadLetterSink.of(file)));
      return null;
    }
    if (place.startsWith(COSMOS) && place.length() > COSMOS.length()) {
      return place.substring(COSMOS.length());
    }
    throw new ParameterException(
        spec.commandLine(), "--dead-letters: a place is written as file:PATH or cosmos:CONTAINER.");
  }
}
