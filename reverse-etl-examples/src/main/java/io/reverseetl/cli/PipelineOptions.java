package io.reverseetl.cli;

import io.reverseetl.Deletes;
import io.reverseetl.Pipeline;
import io.reverseetl.document.FileDeadLetterSink;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.ratelimit.Resilience4jRateLimiter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
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

  @Option(
      names = "--ru-per-second",
      paramLabel = "N",
      description = "The most request units to spend per second. Default: no limit.")
  private @Nullable Double requestUnitsPerSecond;

  @Option(
      names = "--dead-letters",
      paramLabel = "file:PATH",
      description = "Set rows aside there that cannot be written, and go on. Default: stop.")
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
    return requestUnitsPerSecond == null
        ? OptionalDouble.empty()
        : OptionalDouble.of(requestUnitsPerSecond);
  }

  /** Opens everything that a run needs. */
  OpenPipeline open() {
    return open(true);
  }

  /** Opens what is needed to look at documents without a target. */
  OpenPipeline openWithoutTarget() {
    return open(false);
  }

  private OpenPipeline open(boolean withTarget) {
    OpenPipeline.Builder parts = new OpenPipeline.Builder();
    try {
      Pipeline.Builder pipeline = pipeline();
      pipeline.source(parts.closing(table.open()));
      table.filter().ifPresent(pipeline::where);
      pipeline.mapper(mapper());
      if (requestUnitsPerSecond != null) {
        pipeline.rateLimiter(Resilience4jRateLimiter.requestUnitsPerSecond(requestUnitsPerSecond));
      }
      if (deadLetters != null) {
        pipeline.deadLetters(parts.closing(FileDeadLetterSink.of(deadLetterFile(deadLetters))));
      }
      if (maxDeadLetters != null) {
        pipeline.maxDeadLetters(maxDeadLetters);
      }
      if (readThreads != null) {
        pipeline.readThreads(readThreads);
      }
      if (softDelete != null) {
        pipeline.deletes(deletes(softDelete));
      }
      pipeline.stampSourceVersion(stamp);
      if (withTarget) {
        target.connect(pipeline, parts, partitionKeyPaths());
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

  private Pipeline.Builder pipeline() {
    return Pipeline.builder(name);
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

  private Path deadLetterFile(String place) {
    String file = "file:";
    if (!place.startsWith(file) || place.length() == file.length()) {
      throw new ParameterException(
          spec.commandLine(), "--dead-letters: a place is written as file:PATH.");
    }
    return Path.of(place.substring(file.length()));
  }
}
