package io.reverseetl.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TimelineTest {
  private final Timeline timeline = new Timeline();

  @Test
  void spreadsAnAmountOverTheTimeThatItCameIn() {
    timeline.add(0, 1_000, 40);

    assertThat(timeline.pieces(1_000, 4))
        .containsExactly(new double[] {10, 10, 10, 10}, within(1e-9));
  }

  @Test
  void keepsApartWhatCameAtDifferentTimes() {
    timeline.add(0, 500, 6);
    timeline.add(1_500, 2_000, 2);

    assertThat(timeline.pieces(2_000, 4)).containsExactly(new double[] {6, 0, 0, 2}, within(1e-9));
  }

  @Test
  void losesNothingWhenARunGetsLong() {
    long hours = 7 * 3_600_000L;
    for (long second = 0; second < hours; second += 1_000) {
      timeline.add(second, second + 1_000, 3);
    }

    double[] pieces = timeline.pieces(hours, 100);

    assertThat(timeline.total()).isCloseTo(3.0 * hours / 1_000, within(1e-3));
    assertThat(Arrays.stream(pieces).sum()).isCloseTo(timeline.total(), within(1e-3));
    assertThat(Arrays.stream(pieces).max().getAsDouble())
        .isCloseTo(Arrays.stream(pieces).min().getAsDouble(), within(1.0));
  }

  @Test
  void takesAnAmountOfOneMoment() {
    timeline.add(700, 700, 5);

    assertThat(timeline.pieces(1_000, 4)).containsExactly(new double[] {0, 0, 5, 0}, within(1e-9));
  }

  @Test
  void endsInTheMiddleOfABucket() {
    timeline.add(0, 300, 30);

    assertThat(Arrays.stream(timeline.pieces(300, 3)).sum()).isCloseTo(30, within(1e-9));
  }

  @Test
  void aBarIsNeverAPartOfABucket() {
    Timeline early = new Timeline();
    early.add(900, 900, 1);
    for (long millis = 100; millis < 50_000; millis += 500) {
      timeline.add(millis, millis, 1);
    }

    Timeline.Bars bars = timeline.bars(50_000, 80);

    assertThat(bars.amounts()).hasSizeLessThanOrEqualTo(80);
    assertThat(Arrays.stream(bars.amounts())).allMatch(amount -> amount == Math.rint(amount));
    assertThat(Arrays.stream(bars.amounts()).sum()).isEqualTo(100);
    assertThat(early.bars(50_000, 80).barMillis()).isEqualTo(bars.barMillis());
  }
}
