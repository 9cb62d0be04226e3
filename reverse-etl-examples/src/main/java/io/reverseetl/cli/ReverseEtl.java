package io.reverseetl.cli;

import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.ReverseEtlException;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line's entry. */
@Command(
    name = "reverse-etl",
    description = "Moves Delta Lake tables into Azure Cosmos DB.",
    versionProvider = ReverseEtl.Version.class,
    subcommands = {
      SnapshotCommand.class,
      ChangesCommand.class,
      LoadCommand.class,
      PollCommand.class,
      SwitchCommand.class,
      VerifyCommand.class,
      EstimateCommand.class,
      PreviewCommand.class,
      StatusCommand.class,
      ReplayCommand.class,
      EmulatorCommand.class
    },
    footer = {
      "",
      "Every command: --help, and @FILE to read options from a file.",
      "Exit codes: 0 done; 1 failed; 2 bad usage; 3 changes unavailable, a reload is needed;",
      "4 another runner holds the checkpoint; 5 done, with dead letters; 6 deadline reached,",
      "progress saved; 7 verify found differences."
    })
public final class ReverseEtl implements Runnable {

  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.",
      scope = ScopeType.INHERIT)
  @SuppressWarnings("UnusedVariable") // Picocli answers it by itself.
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version of this program.")
  @SuppressWarnings("UnusedVariable")
  private boolean version;

  @Option(
      names = "--stack-trace",
      description = "Show where an error came from, for a bug report.",
      scope = ScopeType.INHERIT)
  private boolean stackTrace;

  private ReverseEtl() {}

  /**
   * Runs a command and ends the process with its exit code.
   *
   * @param args the command and its options
   */
  public static void main(String[] args) {
    quietLogs();
    System.exit(run(args));
  }

  /**
   * Runs a command.
   *
   * @param args the command and its options
   * @return the exit code
   */
  static int run(String... args) {
    return commandLine().execute(args);
  }

  static CommandLine commandLine() {
    ReverseEtl root = new ReverseEtl();
    CommandLine commandLine = new CommandLine(root);
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setUsageHelpWidth(100);
    commandLine.setExecutionExceptionHandler(
        (failure, failed, parsed) -> root.report(failure, failed));
    return commandLine;
  }

  /** Tells what went wrong in a sentence, and gives the exit code for it. */
  private int report(Exception failure, CommandLine failed) {
    PrintWriter err = failed.getErr();
    boolean expected = failure instanceof ReverseEtlException || failure instanceof IOException;
    if (stackTrace || !expected) {
      failure.printStackTrace(err);
    } else {
      err.println("reverse-etl: " + failure.getMessage());
    }
    err.flush();
    if (failure instanceof CheckpointConflictException) {
      return ExitCode.CHECKPOINT_HELD;
    }
    return failure instanceof ChangesUnavailableException
        ? ExitCode.CHANGES_UNAVAILABLE
        : ExitCode.FAILED;
  }

  /** A missing command is bad usage. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "A command is missing.");
  }

  /** The libraries below us log at INFO what an operator does not need; the user's word wins. */
  static void quietLogs() {
    String level = "org.slf4j.simpleLogger.defaultLogLevel";
    if (System.getProperty(level) == null) {
      System.setProperty(level, "error");
      System.setProperty("org.slf4j.simpleLogger.log.io.reverseetl", "warn");
      // The client logs what it then throws, with ids of documents.
      System.setProperty("org.slf4j.simpleLogger.log.com.azure", "off");
    }
  }

  /** The version that the build wrote into the jar. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = ReverseEtl.class.getPackage().getImplementationVersion();
      return new String[] {"reverse-etl " + (version == null ? "(not packaged)" : version)};
    }
  }
}
