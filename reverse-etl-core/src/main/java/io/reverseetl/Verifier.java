package io.reverseetl;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.document.Document;
import io.reverseetl.document.ScannableDocumentSink;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.reduce.KeyCodec;
import io.reverseetl.reduce.Reduced;
import io.reverseetl.reduce.Reducer;
import io.reverseetl.table.TableSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Compares the target with the table at the checkpoint's version, document by document. Writes
 * nothing.
 *
 * <pre>{@code
 * VerifyReport report = Verifier.of(pipeline).verify();
 * }</pre>
 *
 * <p>Reads every row and every document, and needs a sink that is a {@link ScannableDocumentSink}.
 * A poll that runs meanwhile makes differences. Immutable and thread-safe.
 */
public final class Verifier {
  private static final long MEMORY_BUDGET_BYTES = 64L << 20;

  private final Pipeline pipeline;
  private final int oneIn;
  private final int examples;

  private Verifier(Pipeline pipeline, int oneIn, int examples) {
    this.pipeline = pipeline;
    this.oneIn = oneIn;
    this.examples = examples;
  }

  /**
   * A verifier of all documents, with up to 10 examples.
   *
   * @param pipeline the parts
   * @return the verifier
   */
  public static Verifier of(Pipeline pipeline) {
    return new Verifier(pipeline, 1, 10);
  }

  /**
   * Compares only a part of the documents, the same ones in target and table. Both are read all the
   * same, but less memory is needed.
   *
   * @param documents one in how many documents, chosen by a hash of the key; at least 1; default: 1
   * @return a new verifier
   * @throws IllegalArgumentException if it is below 1
   */
  public Verifier oneIn(int documents) {
    if (documents < 1) {
      throw new IllegalArgumentException("One in at least 1 document, not " + documents + ".");
    }
    return new Verifier(pipeline, documents, examples);
  }

  /**
   * How many examples of differences the report has.
   *
   * @param count at least 0; default: 10
   * @return a new verifier
   * @throws IllegalArgumentException if it is negative
   */
  public Verifier examples(int count) {
    if (count < 0) {
      throw new IllegalArgumentException("A count is at least 0, but was " + count + ".");
    }
    return new Verifier(pipeline, oneIn, count);
  }

  /**
   * Compares, on the calling thread.
   *
   * @return what was found
   * @throws ConfigurationException if the load is not complete, a poll stopped inside a range, or
   *     the sink cannot be scanned
   * @throws InterruptedException if the thread is interrupted
   * @throws io.reverseetl.exceptions.ReverseEtlException if table, target or checkpoint cannot be
   *     read
   */
  public VerifyReport verify() throws InterruptedException {
    return compare().report();
  }

  /**
   * A comparison with what was counted on both sides, the documents included that a sample left
   * out.
   */
  record Comparison(VerifyReport report, long mapped, long found) {}

  Comparison compare() throws InterruptedException {
    Pipeline pipeline = this.pipeline.served();
    Instant started = pipeline.clock().instant();
    Checkpoint checkpoint = CheckpointChecks.loaded(pipeline).checkpoint();
    CheckpointChecks.betweenRanges(pipeline, checkpoint, "there is nothing to compare it with");
    TargetDescription target = pipeline.sink().describe();
    CheckpointChecks.target(pipeline, checkpoint, target);
    ScannableDocumentSink sink = TargetComparison.scannable(pipeline, "verifying");
    Predicate<Document> chosen =
        document -> Math.floorMod(KeyCodec.hash(document.key()) / Reducer.CHUNKS, oneIn) == 0;
    Counts counts = new Counts(pipeline);
    try (TableSnapshot snapshot =
            pipeline.source().openSnapshot(pipeline.snapshotQuery(checkpoint.version()));
        TargetComparison comparison =
            new TargetComparison(
                pipeline,
                snapshot,
                MEMORY_BUDGET_BYTES,
                null,
                chosen,
                (version, key, rivals) -> counts.different++)) {
      comparison.read(sink, Thread.currentThread()::isInterrupted, (location, e) -> {});
      for (int chunk = 0; chunk < Reducer.CHUNKS; chunk++) {
        comparison.reducer().forEach(chunk, true, counts::add);
      }
      VerifyReport report =
          new VerifyReport(
              pipeline.name(),
              checkpoint.version(),
              comparison.rows(),
              comparison.documents(),
              counts.equal,
              counts.missing,
              counts.different,
              counts.extra,
              counts.foreign,
              comparison.unmappable(),
              counts.found,
              Duration.between(started, pipeline.clock().instant()));
      return new Comparison(report, comparison.allMapped(), comparison.allFound());
    }
  }

  private final class Counts {
    private final Pipeline pipeline;
    private final List<VerifyReport.Difference> found = new ArrayList<>();
    private long equal;
    private long missing;
    private long different;
    private long extra;
    private long foreign;

    Counts(Pipeline pipeline) {
      this.pipeline = pipeline;
    }

    void add(Reduced result) {
      switch (result.kind()) {
        case UNCHANGED -> equal++;
        case UPSERT -> {
          if (result.wasThere()) {
            different++;
            example(VerifyReport.Kind.DIFFERENT, result);
          } else {
            missing++;
            example(VerifyReport.Kind.MISSING, result);
          }
        }
        case DELETE -> {
          if (TargetComparison.isOurs(pipeline, result)) {
            extra++;
            example(VerifyReport.Kind.EXTRA, result);
          } else {
            foreign++;
          }
        }
      }
    }

    private void example(VerifyReport.Kind kind, Reduced result) {
      if (found.size() < examples) {
        found.add(new VerifyReport.Difference(kind, result.key()));
      }
    }
  }
}
