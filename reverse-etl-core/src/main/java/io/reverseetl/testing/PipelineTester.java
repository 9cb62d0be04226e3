package io.reverseetl.testing;

import io.reverseetl.CdcPoller;
import io.reverseetl.InitialLoader;
import io.reverseetl.LoadReport;
import io.reverseetl.Pipeline;
import io.reverseetl.PollReport;
import io.reverseetl.Verifier;
import io.reverseetl.VerifyReport;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.exceptions.ReverseEtlException;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.table.StructType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A pipeline made of fakes, for tests of a mapper and of a pipeline's options in few lines: commit
 * rows, load, poll, look at the documents.
 *
 * <pre>{@code
 * PipelineTester tester = PipelineTester.of(ORDERS, MAPPER);
 * tester.commit(tester.insert("7", "eu", "placed"));
 * tester.load();
 * tester.commit(tester.delete("7", "eu", "placed"));
 * tester.poll();
 * assertThat(tester.documents()).isEmpty();
 * }</pre>
 *
 * <p>The clock stands still unless the test moves it. Each load and each poll begins anew with what
 * the checkpoint store holds, as another process would.
 *
 * <p>Used by one thread.
 */
public final class PipelineTester {
  private final ManualClock clock = new ManualClock();
  private final InMemoryTableSource table;
  private final InMemoryDocumentSink sink;
  private final InMemoryCheckpointStore checkpoints = InMemoryCheckpointStore.create();
  private final Pipeline pipeline;
  private final Consumer<? super CdcPoller.Builder> polling;
  private boolean startsAgain;

  private PipelineTester(Builder builder) {
    this.table = InMemoryTableSource.of(builder.schema, clock, builder.rowsPerPart);
    this.sink = InMemoryDocumentSink.of(builder.partitionKeyPaths.toArray(String[]::new));
    Pipeline.Builder parts =
        Pipeline.builder("tested")
            .source(table)
            .mapper(builder.mapper)
            .sink(sink)
            .checkpoints(checkpoints)
            .clock(clock);
    builder.options.accept(parts);
    this.pipeline = parts.build();
    this.polling = builder.polling;
  }

  /**
   * A tester of a mapper, with the default options of a pipeline.
   *
   * @param schema the table's columns
   * @param mapper the mapper; the container has the partition key paths that it tells
   * @return the tester
   * @throws IllegalArgumentException if the mapper tells no partition key path; name it with {@link
   *     Builder#partitionKey}
   */
  public static PipelineTester of(StructType schema, DocumentMapper mapper) {
    return builder(schema, mapper).build();
  }

  /**
   * Begins a tester.
   *
   * @param schema the table's columns
   * @param mapper the mapper
   * @return a new builder
   */
  public static Builder builder(StructType schema, DocumentMapper mapper) {
    return new Builder(
        Objects.requireNonNull(schema, "schema"), Objects.requireNonNull(mapper, "mapper"));
  }

  // Commits

  /**
   * A row of the table.
   *
   * @param values a value for each column, in order; see {@link InMemoryRow}
   * @return the row
   */
  public InMemoryRow row(@Nullable Object... values) {
    return table.row(values);
  }

  /**
   * A new row, for {@link #commit}.
   *
   * @param values a value for each column, in order
   * @return the changes
   */
  public List<InMemoryTableSource.Change> insert(@Nullable Object... values) {
    return table.insert(values);
  }

  /**
   * The end of a row, for {@link #commit}.
   *
   * @param values the row's values, as they are now
   * @return the changes
   */
  public List<InMemoryTableSource.Change> delete(@Nullable Object... values) {
    return table.delete(values);
  }

  /**
   * A changed row, for {@link #commit}.
   *
   * @param before the row as it is now
   * @param after the row as it will be
   * @return the changes
   */
  public List<InMemoryTableSource.Change> update(InMemoryRow before, InMemoryRow after) {
    return table.update(before, after);
  }

  /**
   * Commits.
   *
   * @param changes what {@link #insert}, {@link #delete} and {@link #update} gave
   * @return the new version
   * @throws IllegalArgumentException if a row that is deleted or updated is not in the table
   */
  @SafeVarargs
  public final long commit(List<InMemoryTableSource.Change>... changes) {
    return table.commit(changes);
  }

  // Runs

  /**
   * Loads the table's newest version, or goes on with the load that has begun.
   *
   * @return what was done
   * @see InitialLoader#load()
   */
  public LoadReport load() {
    return run(() -> InitialLoader.of(pipeline).load());
  }

  /**
   * Loads until a deadline on the tester's clock.
   *
   * @param deadline how long, from now; positive
   * @return what was done
   * @see InitialLoader#load(Duration)
   */
  public LoadReport load(Duration deadline) {
    return run(() -> InitialLoader.of(pipeline).load(deadline));
  }

  /**
   * Takes every commit that is there into the documents.
   *
   * @return what was done
   * @see CdcPoller#pollOnce()
   */
  public PollReport poll() {
    return run(() -> poll(CdcPoller::pollOnce));
  }

  /**
   * Polls until a deadline on the tester's clock.
   *
   * @param deadline how long, from now; positive
   * @return what was done
   * @see CdcPoller#pollOnce(Duration)
   */
  public PollReport poll(Duration deadline) {
    return run(() -> poll(poller -> poller.pollOnce(deadline)));
  }

  /**
   * Compares the documents with what the mapper makes of the table at the version that they are at.
   *
   * @return what was found
   * @throws InterruptedException if the thread is interrupted
   * @see Verifier#verify()
   */
  public VerifyReport verify() throws InterruptedException {
    return Verifier.of(pipeline).verify();
  }

  private PollReport poll(Function<CdcPoller, PollReport> how) {
    CdcPoller.Builder builder = CdcPoller.builder(pipeline);
    polling.accept(builder);
    try (CdcPoller poller = builder.build()) {
      return how.apply(poller);
    }
  }

  private <R> R run(Supplier<R> run) {
    if (!startsAgain) {
      return run.get();
    }
    try {
      return run.get();
    } catch (ReverseEtlException e) {
      startsAgain = false; // one failure was scripted, so a second one is a finding
      endLeases();
      return run.get();
    }
  }

  /** Lets a load or poll that fails be run again, once, as by a process that is started anew. */
  void startAgainAfterAFailure() {
    startsAgain = true;
  }

  // Failures

  /**
   * Makes one write fail, and with it the load or poll that makes it; later ones work.
   *
   * @param nth which write from now on, at least 1
   * @return this tester
   * @throws IllegalArgumentException if it is below 1
   */
  public PipelineTester failWrite(long nth) {
    if (nth < 1) {
      throw new IllegalArgumentException("The next write is number 1, not " + nth + ".");
    }
    sink.crashAfter(nth - 1);
    return this;
  }

  /**
   * Makes one save of the checkpoint fail without effect.
   *
   * @param nth which save from now on, at least 1
   * @return this tester
   * @throws IllegalArgumentException if it is below 1
   */
  public PipelineTester failSave(long nth) {
    checkpoints.failSaveBeforeItTakesEffect(nth);
    return this;
  }

  /**
   * Makes one save of the checkpoint take effect and then fail, as when the answer is lost.
   *
   * @param nth which save from now on, at least 1
   * @return this tester
   * @throws IllegalArgumentException if it is below 1
   */
  public PipelineTester loseAnswerOfSave(long nth) {
    checkpoints.failSaveAfterItTookEffect(nth);
    return this;
  }

  /**
   * Lets the next writes be throttled, once each.
   *
   * @param count how many
   * @return this tester
   */
  public PipelineTester throttle(int count) {
    sink.throttle(count);
    return this;
  }

  /**
   * Lets time pass, an hour of it, so that a lease ends that a failed load or poll still holds.
   *
   * @return this tester
   */
  public PipelineTester endLeases() {
    clock.advance(Duration.ofHours(1));
    return this;
  }

  // What is there

  /**
   * The documents that are there, as plain Java values.
   *
   * @return a copy, in the order of their first writes
   */
  public Map<DocumentKey, Map<String, @Nullable Object>> documents() {
    return sink.documents();
  }

  /**
   * One document as plain Java values.
   *
   * @param id the document's id
   * @param partitionKey the values of its partition key, one for each path
   * @return the document; empty if it is not there
   */
  public Optional<Map<String, @Nullable Object>> document(
      String id, @Nullable Object... partitionKey) {
    return sink.document(DocumentKey.of(id, partitionKey));
  }

  // The parts

  /**
   * The pipeline, for code under test that takes one.
   *
   * @return the pipeline
   */
  public Pipeline pipeline() {
    return pipeline;
  }

  /**
   * The table, for what is rare: changed columns, changes that are gone.
   *
   * @return the table
   */
  public InMemoryTableSource table() {
    return table;
  }

  /**
   * The container, for more failures, refusals, and operations held in flight.
   *
   * @return the sink
   */
  public InMemoryDocumentSink sink() {
    return sink;
  }

  /**
   * The checkpoints.
   *
   * @return the store
   */
  public InMemoryCheckpointStore checkpoints() {
    return checkpoints;
  }

  /**
   * The clock of table and pipeline.
   *
   * @return the clock
   */
  public ManualClock clock() {
    return clock;
  }

  /** Collects the options of a {@link PipelineTester}. Not thread-safe. */
  public static final class Builder {
    private final StructType schema;
    private final DocumentMapper mapper;
    private List<String> partitionKeyPaths;
    private int rowsPerPart = 1_000;
    private Consumer<? super Pipeline.Builder> options = parts -> {};
    private Consumer<? super CdcPoller.Builder> polling = poller -> {};

    private Builder(StructType schema, DocumentMapper mapper) {
      this.schema = schema;
      this.mapper = mapper;
      this.partitionKeyPaths = mapper.partitionKeyPaths();
    }

    /**
     * The container's partition key.
     *
     * @param paths one to three property paths, for example {@code /region}; default: those that
     *     the mapper tells
     * @return this builder
     */
    public Builder partitionKey(String... paths) {
      this.partitionKeyPaths = List.of(paths);
      return this;
    }

    /**
     * How many rows the table's files have. Progress of a load is kept by whole files.
     *
     * @param rows at least 1; default: 1,000
     * @return this builder
     */
    public Builder rowsPerPart(int rows) {
      this.rowsPerPart = rows;
      return this;
    }

    /**
     * Sets options of the pipeline, as your service does.
     *
     * @param builder sets them; table, mapper, sink, checkpoints and clock are set already
     * @return this builder
     */
    public Builder pipeline(Consumer<? super Pipeline.Builder> builder) {
      this.options = Objects.requireNonNull(builder, "builder");
      return this;
    }

    /**
     * Sets options of the poller, as your service does.
     *
     * @param builder sets them; called once for each poll
     * @return this builder
     */
    public Builder poller(Consumer<? super CdcPoller.Builder> builder) {
      this.polling = Objects.requireNonNull(builder, "builder");
      return this;
    }

    /**
     * Makes the tester.
     *
     * @return a tester with an empty table, container and checkpoint store of its own
     * @throws IllegalArgumentException if there are no or more than three partition key paths, or
     *     less than one row in a file
     */
    public PipelineTester build() {
      return new PipelineTester(this);
    }

    /**
     * Plays a scenario through once without a failure, and then again and again with one: at each
     * write, at each save of the checkpoint, and with each save's answer lost. The load or poll
     * that fails is run once more, as by a process that is started anew. At the end the documents
     * and the version must be those of the first time.
     *
     * <p>A mapper that is not a function of its row, for example one that makes ids of a counter,
     * does not pass.
     *
     * <p>Each time the scenario gets a tester of its own, so look in it at documents rather than at
     * counts of a run, and keep what {@link #pipeline} adds free of state.
     *
     * @param scenario commits, loads and polls
     * @return how much was tried
     * @throws AssertionError if documents or version differ; its message names the failure, and no
     *     value of a document
     */
    public RecoveryProof proveRecovery(Consumer<? super PipelineTester> scenario) {
      return RecoveryProof.of(this::build, scenario);
    }
  }
}
