package io.reverseetl.cli;

import java.io.Console;
import java.io.PrintWriter;
import picocli.CommandLine.Option;

/** How a run shows its progress. */
final class ProgressOption {
  /** The ways. */
  enum Style {
    AUTO,
    BAR,
    PLAIN,
    NONE
  }

  @Option(
      names = "--progress",
      paramLabel = "STYLE",
      defaultValue = "auto",
      description =
          "auto, bar, plain (a line every 10 s) or none. Default: ${DEFAULT-VALUE}, a bar on a"
              + " terminal.")
  private Style style;

  ProgressDisplay display(PrintWriter err) {
    Style chosen = style;
    if (chosen == Style.AUTO) {
      chosen = isTerminal() ? Style.BAR : Style.PLAIN;
    }
    return new ProgressDisplay(err, chosen);
  }

  /** From JDK 22 on there is a console without a terminal too, which it tells by a new method. */
  @SuppressWarnings("SystemConsoleNull")
  private static boolean isTerminal() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("A console tells whether it is a terminal.", e);
    }
  }
}
