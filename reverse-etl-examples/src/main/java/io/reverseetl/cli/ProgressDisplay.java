package io.reverseetl.cli;

import io.reverseetl.LoadState;
import io.reverseetl.PipelineListener;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/** Shows a load's progress: a bar that is drawn over, or a line now and then. */
final class ProgressDisplay implements PipelineListener, AutoCloseable {
  private static final Duration PLAIN_INTERVAL = Duration.ofSeconds(10);
  private static final int BAR_CELLS = 24;

  private final PrintWriter err;
  private final ProgressOption.Style style;
  private Duration lastShown = Duration.ZERO;
  private boolean barOpen;

  ProgressDisplay(PrintWriter err, ProgressOption.Style style) {
    this.err = err;
    this.style = style;
  }

  @Override
  public synchronized void onLoadProgress(LoadState state) {
    switch (style) {
      case BAR -> {
        err.print("\r" + bar(state) + " " + line(state) + "\u001b[K");
        err.flush();
        barOpen = true;
      }
      case PLAIN -> {
        if (state.elapsed().minus(lastShown).compareTo(PLAIN_INTERVAL) >= 0) {
          lastShown = state.elapsed();
          err.println(line(state));
          err.flush();
        }
      }
      default -> {
        // NONE shows nothing.
      }
    }
  }

  private static double share(LoadState state) {
    if (state.rowsTotal().isPresent() && state.rowsTotal().getAsLong() > 0) {
      return Math.min(1, (double) state.rowsRead() / state.rowsTotal().getAsLong());
    }
    return state.partCount() == 0 ? 1 : (double) state.partsFinished() / state.partCount();
  }

  private static String bar(LoadState state) {
    int filled = (int) Math.round(share(state) * BAR_CELLS);
    return "[" + "#".repeat(filled) + "-".repeat(BAR_CELLS - filled) + "]";
  }

  static String line(LoadState state) {
    double seconds = Math.max(0.001, state.elapsed().toMillis() / 1000.0);
    StringBuilder line = new StringBuilder();
    line.append(String.format(Locale.ROOT, "%3.0f %%", share(state) * 100));
    line.append(String.format(Locale.ROOT, "  %,d rows", state.rowsRead()));
    line.append(
        String.format(
            Locale.ROOT,
            "  %,d documents (%,.0f/s)",
            state.documentsWritten(),
            state.documentsWritten() / seconds));
    line.append(String.format(Locale.ROOT, "  %,.0f RU/s", state.requestUnits() / seconds));
    line.append(String.format(Locale.ROOT, "  %,d throttled", state.throttled()));
    if (state.deadLetters() > 0) {
      line.append(String.format(Locale.ROOT, "  %,d dead letters", state.deadLetters()));
    }
    double share = share(state);
    if (share > 0 && share < 1 && state.documentsWritten() > 0) {
      long left = Math.round(seconds * (1 - share) / share);
      line.append("  ETA ").append(clock(left));
    }
    return line.toString();
  }

  private static String clock(long seconds) {
    return String.format(
        Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }

  @Override
  public synchronized void close() {
    if (barOpen) {
      err.println();
      err.flush();
      barOpen = false;
    }
  }
}
