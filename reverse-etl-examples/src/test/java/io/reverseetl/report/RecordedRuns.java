package io.reverseetl.report;

import io.reverseetl.PollRange;
import io.reverseetl.WriteProgress;
import io.reverseetl.document.DeadLetter;
import io.reverseetl.exceptions.WriteException;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.TableVersion;
import io.reverseetl.testing.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;

/** Runs that never were, told to a recorder. */
final class RecordedRuns {
  private RecordedRuns() {}

  static DeadLetter letter(String reason) {
    return new DeadLetter(
        Instant.EPOCH, "orders", 7, "part-1, row 4", reason, "secret-message", Optional.empty());
  }

  /** Half a minute of a poll that catches up, with everything that a report can show. */
  static RunRecorder busyPoll() {
    ManualClock clock = new ManualClock();
    RunRecorder run = new RunRecorder("poll", "orders <eu>", OptionalDouble.of(4_000), clock);
    Random random = new Random(7);
    long version = 40;
    for (int tick = 1; tick <= 120; tick++) {
      if (tick % 12 == 1) {
        run.onRangeStarted(version + 1);
        run.onRangePlanned(range(version + 1, version + 5, false));
      }
      clock.advance(Duration.ofMillis(250));
      boolean slow = tick > 50 && tick < 75;
      int documents = (slow ? 60 : 180) + random.nextInt(40);
      run.onWriteProgress(
          new WriteProgress(
              documents,
              documents / 6,
              0,
              documents * 900L,
              slow ? 9 : 0,
              slow ? 5 : 0,
              documents * 5.2));
      if (tick % 20 == 0) {
        run.onDeadLetter(letter("TOO_LARGE"));
      }
      if (tick % 31 == 0) {
        run.onDeadLetter(letter("MAPPING"));
      }
      if (tick % 12 == 0) {
        run.onRangeReduced(range(version + 1, version + 5, tick == 24));
        run.onRangeWritten(range(version + 1, version + 5, tick == 24));
        version += 5;
        run.onLag(90 - version, Optional.of(Duration.ofSeconds(2 * (90 - version))));
      }
    }
    return run;
  }

  private static PollRange range(long from, long to, boolean spilled) {
    return new PollRange(from, to, 4_210, 3_020, 2_100, 380, 540, spilled, from == 41);
  }

  /** A load of very many files. */
  static RunRecorder longLoad(int files) {
    ManualClock clock = new ManualClock();
    RunRecorder run = new RunRecorder("load", "customers", OptionalDouble.empty(), clock);
    run.onLoadStarted(
        new TableVersion("file:/lake/customers", "id", 12, clock.instant()),
        new io.reverseetl.LoadState(
            files, 0, OptionalLong.empty(), 0, 0, 0, 0, 0, 0, Duration.ZERO));
    for (int i = 0; i < files; i++) {
      clock.advance(Duration.ofSeconds(1));
      run.onWriteProgress(new WriteProgress(1_000, 0, 0, 1_000_000, 0, 0, 5_000));
      run.onPartLoaded(
          new SnapshotPart("region=eu/part-" + i + ".parquet", 5_000_000, OptionalLong.of(1_000)),
          1_000);
    }
    return run;
  }

  static RunRecorder failed() {
    RunRecorder run =
        new RunRecorder("load", "customers", OptionalDouble.empty(), new ManualClock());
    run.onFailed(new WriteException("The target is <gone>.", null));
    return run;
  }
}
