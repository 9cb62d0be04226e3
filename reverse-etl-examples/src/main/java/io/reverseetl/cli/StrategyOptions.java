package io.reverseetl.cli;

import io.reverseetl.Deletes;
import io.reverseetl.Pipeline;
import io.reverseetl.WriteMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How documents are written. */
final class StrategyOptions {
  /** The names of the strategies on the command line. */
  enum Strategy {
    UPSERT,
    CREATE,
    UPSERT_IF_NEWER,
    PATCH;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--strategy",
      paramLabel = "STRATEGY",
      defaultValue = "upsert",
      description = {
        "upsert replaces what stands there; create leaves it; upsert-if-newer replaces what is not of"
            + " a later version; patch sets the columns' properties and leaves all others.",
        "Default: ${DEFAULT-VALUE}."
      })
  private Strategy strategy = Strategy.UPSERT;

  @Option(
      names = "--owned-fields",
      split = ",",
      paramLabel = "PROPERTY",
      description = "The properties that patch writes. Default: those of the columns.")
  private List<String> ownedFields = new ArrayList<>();

  /**
   * Sets the mode.
   *
   * @param mapped the properties that the mapper gives, asked only if they are needed
   * @param deletesAreSet whether another option says what becomes of deleted rows
   */
  void apply(Pipeline.Builder pipeline, Supplier<List<String>> mapped, boolean deletesAreSet) {
    if (strategy != Strategy.PATCH && !ownedFields.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "--owned-fields is for --strategy patch only.");
    }
    switch (strategy) {
      case UPSERT -> pipeline.writeMode(WriteMode.UPSERT);
      case CREATE -> pipeline.writeMode(WriteMode.CREATE);
      case UPSERT_IF_NEWER -> pipeline.writeMode(WriteMode.UPSERT_IF_NEWER);
      case PATCH -> {
        List<String> names = ownedFields.isEmpty() ? mapped.get() : ownedFields;
        pipeline.writeMode(WriteMode.ownedFields(names.toArray(String[]::new)));
        if (!deletesAreSet) {
          pipeline.deletes(Deletes.ownedFields());
        }
      }
    }
  }
}
