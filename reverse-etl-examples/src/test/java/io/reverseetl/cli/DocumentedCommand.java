package io.reverseetl.cli;

import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** A command of a page, for the tests of the pages. */
public final class DocumentedCommand {
  /** Stands in a page for options that are left out. */
  private static final String REST = "...";

  private DocumentedCommand() {}

  /**
   * Reads the options, and does nothing else.
   *
   * @param args command and options; {@code ...} at the end stands for more of them
   * @return what is wrong, if anything
   */
  public static Optional<String> problem(List<String> args) {
    if (isAbbreviated(args)) {
      return unknown(args.subList(0, args.size() - 1));
    }
    try {
      ReverseEtl.commandLine().parseArgs(args.toArray(String[]::new));
    } catch (ParameterException e) {
      return Optional.of(e.getMessage());
    }
    return Optional.empty();
  }

  /** What a command that is not whole has that does not exist. */
  private static Optional<String> unknown(List<String> args) {
    CommandLine command = ReverseEtl.commandLine().getSubcommands().get(args.get(0));
    if (command == null) {
      return Optional.of("there is no command " + args.get(0));
    }
    return args.stream()
        .filter(word -> word.startsWith("-"))
        .map(word -> word.replaceFirst("=.*", ""))
        .filter(word -> !command.getCommandSpec().optionsMap().containsKey(word))
        .map(word -> "there is no option " + word)
        .findFirst();
  }

  /** After an option that takes a value, the dots are that value. */
  private static boolean isAbbreviated(List<String> args) {
    if (args.size() < 2 || !args.get(args.size() - 1).equals(REST)) {
      return false;
    }
    try {
      ReverseEtl.commandLine().parseArgs(args.toArray(String[]::new));
      return false;
    } catch (UnmatchedArgumentException e) {
      return e.getUnmatched().equals(List.of(REST));
    } catch (ParameterException e) {
      return true;
    }
  }

  /**
   * Runs it in this process.
   *
   * @param args command and options
   * @return what went wrong, if the exit code is not 0
   */
  public static Optional<String> failure(List<String> args) {
    CommandRun run = CommandRun.of(args.toArray(String[]::new));
    return run.exitCode() == 0
        ? Optional.empty()
        : Optional.of("exit code " + run.exitCode() + ": " + run.err());
  }

  /**
   * Runs it in this process.
   *
   * @param args command and options
   * @return what it printed
   */
  public static String output(List<String> args) {
    CommandRun run = CommandRun.of(args.toArray(String[]::new));
    if (run.exitCode() != 0) {
      throw new AssertionError("exit code " + run.exitCode() + ": " + run.err());
    }
    return run.out();
  }
}
