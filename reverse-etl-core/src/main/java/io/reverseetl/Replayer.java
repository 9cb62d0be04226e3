package io.reverseetl;

import io.reverseetl.document.DeadLetter;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.ReadableDeadLetterSink;
import io.reverseetl.document.StoredDeadLetter;
import io.reverseetl.exceptions.ConfigurationException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Writes dead letters again, after the data, the mapper or the target was mended, and removes those
 * that are done.
 *
 * <pre>{@code
 * ReplayReport report = Replayer.of(pipeline).replay();
 * }</pre>
 *
 * <p>What is written is not what stands in a letter but what the table makes of the row at the
 * checkpoint's version, so that a letter that lay about never overwrites a newer state. A row that
 * is gone by then leads to the delete that belongs to it. What fails again is a dead letter again,
 * of the checkpoint's version, in the place of the earlier ones.
 *
 * <p>Takes the pipeline's lease, as a poll does. Keeps the name and the key of each letter in
 * memory. Immutable and thread-safe.
 */
public final class Replayer {
  private final Pipeline pipeline;
  private final ReadableDeadLetterSink letters;

  private Replayer(Pipeline pipeline, ReadableDeadLetterSink letters) {
    this.pipeline = pipeline;
    this.letters = letters;
  }

  /**
   * A replayer of the pipeline's own dead letters.
   *
   * @param pipeline the parts; its dead letter sink is a {@link ReadableDeadLetterSink}
   * @return the replayer
   * @throws ConfigurationException if its dead letters cannot be read back, or it has no place for
   *     them
   */
  public static Replayer of(Pipeline pipeline) {
    if (pipeline.deadLetters().orElse(null) instanceof ReadableDeadLetterSink readable) {
      return new Replayer(pipeline, readable);
    }
    throw new ConfigurationException(
        "Pipeline \""
            + pipeline.name()
            + "\" has no dead letters that can be read back. Name the place where they are with"
            + " Pipeline.Builder.deadLetters, as a ReadableDeadLetterSink.");
  }

  /**
   * Writes all dead letters of the pipeline again. Reads the whole table once for letters that name
   * a document. For rows that could not be mapped, whose documents nobody knows, it reads table and
   * target once more and writes every document that is missing or different; that needs a sink that
   * is a {@link io.reverseetl.document.ScannableDocumentSink}.
   *
   * <p>Letters are removed when everything is durable; after a crash before that they are replayed
   * again, which changes nothing.
   *
   * @return what was done
   * @throws ConfigurationException if the load is not complete, a poll stopped inside a range, or
   *     the sink cannot be scanned and has to be
   * @throws InterruptedException if the thread is interrupted; what was written stays, and so do
   *     the letters
   * @throws io.reverseetl.exceptions.ReverseEtlException as {@link CdcPoller#pollOnce} does; the
   *     letters stay
   */
  public ReplayReport replay() throws InterruptedException {
    Instant started = pipeline.clock().instant();
    Found found = new Found();
    letters.read(pipeline.name(), found::add);
    Again again = new Again();
    RejectedRows rejectedRows = new RejectedRows(pipeline, 0, again::add);
    Set<DocumentKey> gone = new HashSet<>();
    TableRewrite.Result done =
        new TableRewrite(pipeline, rejectedRows, gone::add)
            .run(found.keys.keySet(), found.unmapped > 0);
    // The letters of what failed again are durable before the earlier ones go.
    rejectedRows.flush();
    found.ids.removeAll(again.ids);
    if (!found.ids.isEmpty()) {
      letters.remove(pipeline.name(), found.ids);
    }
    long unmappedDone = Math.max(0, found.unmapped - again.unmapped.get());
    return new ReplayReport(
        pipeline.name(),
        done.version(),
        found.letters,
        found.count(key -> !gone.contains(key) && !again.keys.contains(key)) + unmappedDone,
        found.count(key -> gone.contains(key) && !again.keys.contains(key)),
        again.ids.size(),
        done.rows(),
        done.statistics().upserted(),
        done.statistics().deleted(),
        done.statistics().requestUnits(),
        Duration.between(started, pipeline.clock().instant()));
  }

  /** The letters that were there. */
  private static final class Found {
    private final Set<String> ids = new HashSet<>();
    private final Map<DocumentKey, Integer> keys = new HashMap<>();
    private long letters;
    private long unmapped;

    void add(StoredDeadLetter stored) {
      letters++;
      ids.add(stored.id());
      @Nullable DocumentKey key = stored.letter().key().orElse(null);
      if (key == null) {
        unmapped++;
      } else {
        keys.merge(key, 1, Integer::sum);
      }
    }

    long count(Predicate<DocumentKey> which) {
      return keys.entrySet().stream()
          .filter(entry -> which.test(entry.getKey()))
          .mapToLong(Map.Entry::getValue)
          .sum();
    }
  }

  /** The letters that this replay wrote; told by several threads. */
  private static final class Again {
    private final Set<String> ids = ConcurrentHashMap.newKeySet();
    private final Set<DocumentKey> keys = ConcurrentHashMap.newKeySet();
    private final AtomicLong unmapped = new AtomicLong();

    void add(DeadLetter letter) {
      ids.add(letter.id());
      letter.key().ifPresentOrElse(keys::add, unmapped::incrementAndGet);
    }
  }
}
