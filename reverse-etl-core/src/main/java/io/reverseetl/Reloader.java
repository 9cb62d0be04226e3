package io.reverseetl;

import io.reverseetl.document.DocumentKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;

/**
 * Writes chosen documents again, as the table makes them at the checkpoint's version: after the
 * data, the mapper or the target was mended, or somebody changed documents by hand. Never an older
 * state than the target stands at, so it may be run at any time and again. Dead letters are written
 * again by {@link Replayer}.
 *
 * <pre>{@code
 * Reloader.of(pipeline).reload(Set.of(DocumentKey.of("7", "eu")));
 * }</pre>
 *
 * <p>Takes the pipeline's lease, as a poll does. Immutable and thread-safe.
 */
public final class Reloader {
  private final Pipeline pipeline;

  private Reloader(Pipeline pipeline) {
    this.pipeline = pipeline;
  }

  /**
   * A reloader.
   *
   * @param pipeline the parts
   * @return the reloader
   */
  public static Reloader of(Pipeline pipeline) {
    return new Reloader(pipeline);
  }

  /**
   * Writes documents again. Reads the whole table once. A document that the table does not make is
   * deleted, as {@link Pipeline.Builder#deletes} says.
   *
   * @param keys which documents
   * @return what was done
   * @throws io.reverseetl.exceptions.ConfigurationException also if a poll stopped inside a range
   * @throws InterruptedException if the thread is interrupted; what was written stays
   * @throws io.reverseetl.exceptions.ReverseEtlException as {@link CdcPoller#pollOnce} does
   */
  public ReloadReport reload(Collection<DocumentKey> keys) throws InterruptedException {
    Instant started = pipeline.clock().instant();
    RejectedRows rejectedRows = new RejectedRows(pipeline, 0);
    TableRewrite.Result done =
        new TableRewrite(pipeline, rejectedRows, key -> {}).run(new HashSet<>(keys), false);
    return new ReloadReport(
        pipeline.name(),
        done.version(),
        done.rows(),
        done.statistics().upserted(),
        done.statistics().deleted(),
        rejectedRows.count(),
        done.statistics().requestUnits(),
        Duration.between(started, pipeline.clock().instant()));
  }
}
