package io.reverseetl.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * Makes one HTML file of what a {@link RunRecorder} remembers. The file needs nothing else: no
 * network, no script. It holds no value of a row and no key. Not thread-safe.
 */
public final class HtmlReport {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  /** How many points a line of a chart has at most. */
  private static final int PIECES = 160;

  private static final int BARS = 80;

  private final RunRecorder run;
  private final long length;
  private final int pieces;
  private final StringBuilder html = new StringBuilder(64 * 1024);

  private HtmlReport(RunRecorder run) {
    this.run = run;
    this.length = Math.max(1, run.millis());
    this.pieces = (int) Math.max(1, Math.min(PIECES, length / Timeline.FIRST_BUCKET_MILLIS));
  }

  /**
   * Writes the report.
   *
   * @param run what was recorded until now
   * @param file where it goes; one that is there is replaced
   * @throws IOException if it cannot be written
   */
  public static void write(RunRecorder run, Path file) throws IOException {
    Files.writeString(file, render(run), StandardCharsets.UTF_8);
  }

  /**
   * Renders the report.
   *
   * @param run what was recorded until now
   * @return a whole HTML document
   */
  public static String render(RunRecorder run) {
    synchronized (run) {
      return new HtmlReport(run).page();
    }
  }

  private String page() {
    html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';")
        .append(" style-src 'unsafe-inline'\">\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .append("<meta name=\"color-scheme\" content=\"light dark\">\n<title>")
        .append(Html.text(run.command + " " + run.pipeline + ": " + outcomeWord()))
        .append("</title>\n<style>\n")
        .append(styles())
        .append("</style>\n</head>\n<body>\n<main>\n");
    heading();
    tiles();
    charts();
    table();
    html.append("<footer>reverse-etl, written ")
        .append(TIME.format(run.started().plusMillis(run.millis())))
        .append(". Counts are of this run only. The report holds no values of rows and no keys.")
        .append("</footer>\n</main>\n</body>\n</html>\n");
    return html.toString();
  }

  private static String styles() {
    try (var in = HtmlReport.class.getResourceAsStream("report.css")) {
      if (in == null) {
        throw new IllegalStateException("report.css is missing beside HtmlReport.class.");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String outcomeWord() {
    return run.outcome.toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private void heading() {
    String kind =
        switch (run.outcome) {
          case "COMPLETED", "UP_TO_DATE", "ALREADY_LOADED" ->
              run.deadLetterCount > 0 ? "warn" : "good";
          case "FAILED" -> "bad";
          default -> "warn";
        };
    Instant started = run.started();
    html.append("<header><p class=\"kicker\">")
        .append(Html.text(run.command))
        .append("</p><h1>")
        .append(Html.text(run.pipeline))
        .append("</h1><span class=\"badge ")
        .append(kind)
        .append("\">")
        .append(Html.text(outcomeWord()))
        .append("</span><dl>");
    fact("Table", run.tableUri.isEmpty() ? "not opened" : run.tableUri);
    fact("Version", versions());
    fact("Began", TIME.format(started));
    fact("Took", Html.time(run.millis()));
    html.append("</dl>");
    if (!run.note.isEmpty()) {
      html.append("<p class=\"note\">").append(Html.text(run.note)).append("</p>");
    }
    html.append("</header>\n");
  }

  private String versions() {
    if (run.toVersion < 0) {
      return "none";
    }
    return run.fromVersion < 0 || run.fromVersion == run.toVersion
        ? Long.toString(run.toVersion)
        : run.fromVersion + " to " + run.toVersion;
  }

  private void fact(String name, String value) {
    html.append("<div><dt>")
        .append(name)
        .append("</dt><dd>")
        .append(Html.text(value))
        .append("</dd></div>");
  }

  private void tiles() {
    double seconds = length / 1000.0;
    html.append("<section class=\"tiles\">");
    tile("Documents written", Html.number(run.documentsWritten), perSecond(run.documentsWritten));
    if (isPoll()) {
      tile("Deleted", Html.number(run.documentsDeleted), perSecond(run.documentsDeleted));
      tile("Left unchanged", Html.number(run.documentsUnchanged), saved());
      tile("Row changes read", Html.number(run.rowsRead), perSecond(run.rowsRead));
    } else {
      tile("Rows read", Html.number(run.rowsRead), perSecond(run.rowsRead));
    }
    tile(
        "JSON bytes",
        Html.bytes(run.bytesWritten),
        Html.bytes((long) (run.bytesWritten / seconds)) + "/s");
    tile(
        "Request units",
        Html.number(Math.rint(run.requestUnitsSpent)),
        Html.number(run.requestUnitsSpent / seconds) + "/s" + capShare(seconds));
    tile("Throttled", Html.number(run.throttledCount), Html.number(run.retried) + " retries");
    tile(
        "Dead letters",
        Html.number(run.deadLetterCount),
        run.deadLetterCount > 0 ? "see below" : "");
    Long behind = run.lagVersions;
    if (isPoll() && behind != null) {
      var lag = run.lag;
      tile(
          "Commits behind",
          Html.number(behind),
          lag == null ? "" : Html.time(lag.toMillis()) + " old");
    }
    var first = run.firstDocument;
    if (first != null) {
      tile("First document", Html.time(first.toMillis()), "after the begin");
    }
    html.append("</section>\n");
  }

  private boolean isPoll() {
    return run.polls > 0 || run.rangeCount > 0 || run.command.equals("poll");
  }

  private String saved() {
    return run.requestUnitsSaved > 0
        ? Html.number(Math.rint(run.requestUnitsSaved)) + " RU saved"
        : "";
  }

  private String capShare(double seconds) {
    OptionalDouble cap = run.requestUnitsPerSecond;
    return cap.isEmpty()
        ? ""
        : String.format(
            Locale.ROOT,
            ", %.0f %% of the limit",
            100 * run.requestUnitsSpent / seconds / cap.getAsDouble());
  }

  private String perSecond(long count) {
    return Html.number(count / (length / 1000.0)) + "/s";
  }

  private void tile(String name, String value, String detail) {
    html.append("<div class=\"tile\"><p>")
        .append(name)
        .append("</p><strong>")
        .append(Html.text(value))
        .append("</strong><small>")
        .append(Html.text(detail))
        .append("</small></div>");
  }

  private void charts() {
    html.append("<section class=\"charts\">\n");
    Chart documents =
        new Chart("Documents per second", "documents/s", length, Chart.Form.AREA)
            .series("written", "c1", rate(run.written));
    if (run.documentsDeleted > 0) {
      documents.series("deleted", "c2", rate(run.deleted));
    }
    html.append(documents.render());
    html.append(
        new Chart("Request units per second", "RU/s", length, Chart.Form.AREA)
            .series("spent", "c3", rate(run.requestUnits))
            .cap(run.requestUnitsPerSecond)
            .render());
    Timeline.Bars throttled = run.throttled.bars(length, BARS);
    html.append(
        new Chart("Throttled answers", "answers", throttled.lengthMillis(), Chart.Form.BARS)
            .series("asked to slow down", "c4", throttled.amounts())
            .render());
    if (isPoll()) {
      html.append(
          new Chart("Commits behind the table", "commits", length, Chart.Form.STEPS)
              .series("behind", "c5", lag())
              .render());
    }
    deadLetters();
    html.append("</section>\n");
  }

  private double[] rate(Timeline timeline) {
    double[] amounts = timeline.pieces(length, pieces);
    double seconds = length / 1000.0 / pieces;
    for (int i = 0; i < amounts.length; i++) {
      amounts[i] /= seconds;
    }
    return amounts;
  }

  /** The lag stays what it was told to be, until it is told again. */
  private double[] lag() {
    double[] values = new double[pieces];
    Iterator<RunRecorder.LagPoint> points = run.lags.iterator();
    RunRecorder.LagPoint next = points.hasNext() ? points.next() : null;
    double value = next == null ? 0 : next.versions();
    for (int i = 0; i < pieces; i++) {
      while (next != null && next.atMillis() <= length * (i + 1.0) / pieces) {
        value = next.versions();
        next = points.hasNext() ? points.next() : null;
      }
      values[i] = value;
    }
    return values;
  }

  private void deadLetters() {
    Map<String, Timeline> reasons =
        run.deadLetters.isEmpty() ? Map.of("none", new Timeline()) : run.deadLetters;
    Chart chart = null;
    int color = 0;
    for (Map.Entry<String, Timeline> reason : reasons.entrySet()) {
      Timeline.Bars bars = reason.getValue().bars(length, BARS);
      if (chart == null) {
        chart = new Chart("Dead letters by reason", "rows", bars.lengthMillis(), Chart.Form.BARS);
      }
      double total = reason.getValue().total();
      chart.series(
          total == 0 ? reason.getKey() : reason.getKey() + " " + Html.number(total),
          "d" + color++,
          bars.amounts());
    }
    html.append(Objects.requireNonNull(chart).render());
  }

  private void table() {
    if (!run.ranges.isEmpty()) {
      List<List<String>> rows = new ArrayList<>();
      run.ranges.forEach(range -> rows.add(cells(range)));
      table(
          "Ranges of commits",
          run.rangeCount,
          List.of(
              "durable after", "commits", "took", "changes", "upserts", "deletes", "unchanged", ""),
          rows);
    }
    if (!run.files.isEmpty()) {
      List<List<String>> rows = new ArrayList<>();
      run.files.forEach(
          file ->
              rows.add(
                  List.of(
                      Html.time(file.atMillis()),
                      Html.number(file.rows()),
                      Html.bytes(file.bytes()),
                      file.name())));
      table("Files", run.fileCount, List.of("durable after", "rows", "size", "file"), rows);
    }
  }

  private static List<String> cells(RunRecorder.WrittenRange written) {
    var range = written.range();
    return List.of(
        Html.time(written.atMillis()),
        range.fromVersion() == range.toVersion()
            ? Long.toString(range.toVersion())
            : range.fromVersion() + " to " + range.toVersion(),
        Html.time(written.millis()),
        Html.number(range.changes()),
        Html.number(range.upserts()),
        Html.number(range.deletes()),
        Html.number(range.unchanged()),
        (range.spilled() ? "spilled " : "") + (range.resumed() ? "resumed" : ""));
  }

  private void table(String title, long count, List<String> columns, List<List<String>> rows) {
    html.append("<section class=\"card\"><h2>").append(title).append("</h2>");
    if (count > rows.size()) {
      html.append("<p class=\"left-out\">The last ")
          .append(rows.size())
          .append(" of ")
          .append(Html.number(count))
          .append(".</p>");
    }
    html.append("<div class=\"scroll\"><table><thead><tr>");
    columns.forEach(column -> html.append("<th scope=\"col\">").append(column).append("</th>"));
    html.append("</tr></thead><tbody>\n");
    for (List<String> row : rows) {
      html.append("<tr>");
      row.forEach(cell -> html.append("<td>").append(Html.text(cell)).append("</td>"));
      html.append("</tr>\n");
    }
    html.append("</tbody></table></div></section>\n");
  }
}
