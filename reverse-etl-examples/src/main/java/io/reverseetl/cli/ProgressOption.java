package io.reverseetl.cli;

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
      chosen = System.console() != null ? Style.BAR : Style.PLAIN;
    }
    return new ProgressDisplay(err, chosen);
  }
}
