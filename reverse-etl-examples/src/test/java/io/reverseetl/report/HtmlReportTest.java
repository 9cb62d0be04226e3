package io.reverseetl.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.LoadState;
import io.reverseetl.WriteProgress;
import io.reverseetl.table.TableVersion;
import io.reverseetl.testing.ManualClock;
import java.io.StringReader;
import java.time.Duration;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class HtmlReportTest {

  @Test
  void showsEachTimelineOfAPoll() {
    String html = HtmlReport.render(RecordedRuns.busyPoll());

    assertThat(html)
        .contains(
            "<h2>Documents per second</h2>",
            "<h2>Request units per second</h2>",
            "limit 4,000",
            "<h2>Throttled answers</h2>",
            "<h2>Commits behind the table</h2>",
            "<h2>Dead letters by reason</h2>",
            "TOO_LARGE 6",
            "MAPPING 3",
            "<h2>Ranges of commits</h2>",
            "<td>41 to 45</td>");
  }

  @Test
  void saysWhereNothingWasThrottledOrSetAside() {
    assertThat(HtmlReport.render(RecordedRuns.longLoad(3)).split(">none</text>", -1))
        .hasSize(1 + 2);
  }

  @Test
  void needsNothingBesidesItself() {
    String html = HtmlReport.render(RecordedRuns.busyPoll());

    assertThat(html)
        .contains("default-src 'none'")
        .doesNotContain("<script", "http://", "https://", "url(", "@import", "<link", "<img");
  }

  @Test
  void escapesWhateverItIsGiven() {
    RunRecorder run =
        new RunRecorder(
            "load", "<script>alert(\"'&'\")</script>", OptionalDouble.empty(), new ManualClock());
    run.onDeadLetter(RecordedRuns.letter("\"/><b>"));

    String html = HtmlReport.render(run);

    assertThat(html)
        .contains("&lt;script&gt;alert(&quot;&#39;&amp;&#39;&quot;)&lt;/script&gt;")
        .contains("&quot;/&gt;&lt;b&gt;")
        .doesNotContain("<script", "<b>");
  }

  @Test
  void itsChartsAreWellFormed() throws Exception {
    String html = HtmlReport.render(RecordedRuns.busyPoll());

    int begin = html.indexOf("<figure");
    int end = html.lastIndexOf("</figure>") + "</figure>".length();
    var charts =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(
                new InputSource(new StringReader("<all>" + html.substring(begin, end) + "</all>")));
    assertThat(charts.getElementsByTagName("svg").getLength()).isEqualTo(5);
    assertThat(html).doesNotContain("NaN", "Infinity");
  }

  @Test
  void holdsNoMessageNorPlaceOfADeadLetter() {
    assertThat(HtmlReport.render(RecordedRuns.busyPoll()))
        .doesNotContain("secret-message", "row 4");
  }

  @Test
  void leavesFoldersOutSinceTheyHoldValuesOfPartitionColumns() {
    assertThat(HtmlReport.render(RecordedRuns.longLoad(3)))
        .contains("part-2.parquet")
        .doesNotContain("region=eu");
  }

  @Test
  void staysSmallHoweverLongTheRunIs() {
    String html = HtmlReport.render(RecordedRuns.longLoad(20_000));

    assertThat(html.length()).isLessThan(400_000);
    assertThat(html).contains("The last 200 of 20,000.", "part-19999.parquet");
  }

  @Test
  void tellsOfAFailure() {
    String html = HtmlReport.render(RecordedRuns.failed());

    assertThat(html)
        .contains("badge bad", ">failed<", "WriteException: The target is &lt;gone&gt;.");
  }

  @Test
  void keepsTheMessagesOfForeignFailuresToItself() {
    RunRecorder run = new RunRecorder("load", "x", OptionalDouble.empty(), new ManualClock());
    run.onFailed(new IllegalStateException("row 17 is Alice"));

    assertThat(HtmlReport.render(run)).contains("IllegalStateException").doesNotContain("Alice");
  }

  @Test
  void aLoadWritesNothingWhileItsTableIsBeingOpened() {
    ManualClock clock = new ManualClock();
    RunRecorder run = new RunRecorder("load", "x", OptionalDouble.empty(), clock);
    clock.advance(Duration.ofSeconds(2));
    run.onLoadStarted(
        new TableVersion("file:/lake/x", "id", 1, clock.instant()),
        new LoadState(1, 0, OptionalLong.empty(), 0, 0, 0, 0, 0, 0, Duration.ZERO));
    clock.advance(Duration.ofSeconds(2));

    run.onWriteProgress(new WriteProgress(80, 0, 0, 800, 0, 0, 400));

    assertThat(run.written.pieces(4_000, 2)).containsExactly(0, 80);
  }
}
