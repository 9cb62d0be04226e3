package io.reverseetl.bench;

import io.reverseetl.CdcPoller;
import io.reverseetl.InitialLoader;
import io.reverseetl.LoadReport;
import io.reverseetl.Pipeline;
import io.reverseetl.PollReport;
import io.reverseetl.checkpoint.FileCheckpointStore;
import io.reverseetl.cosmos.CosmosDocumentSink;
import io.reverseetl.delta.DeltaTableSource;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/**
 * One measured poller, in a process of its own; or the load before it. Figures that it prints are
 * parted by tabs.
 */
final class PollProcess {
  private PollProcess() {}

  /** What it does. */
  enum Role {
    /** Loads version 0. */
    LOAD,
    /**
     * Takes in all commits; prints milliseconds of processor time, the peak of the resident memory
     * in kilobytes, and how many changes were read, documents written and documents deleted.
     */
    RANGE,
    /**
     * Polls until there is no more input; answers each line with milliseconds of processor time so
     * far, and the resident memory now and at its peak, in kilobytes.
     */
    CONTINUOUS
  }

  /**
   * Polls or loads.
   *
   * @param args the role, the endpoint, the key, the database, the container, the table's folder, a
   *     folder for the checkpoint, the interval in milliseconds
   */
  public static void main(String[] args) throws Exception {
    BenchClient.allowPlainHttp();
    try (DeltaTableSource source = DeltaTableSource.open(args[5]);
        CosmosDocumentSink sink =
            CosmosDocumentSink.connecting(() -> BenchClient.of(args[1], args[2]), args[3], args[4])
                .build()) {
      Pipeline pipeline =
          Pipeline.builder("bench")
              .source(source)
              .mapper(Documents.mapper())
              .sink(sink)
              .checkpoints(FileCheckpointStore.of(Path.of(args[6])))
              .build();
      switch (Role.valueOf(args[0])) {
        case LOAD -> load(pipeline);
        case RANGE -> range(pipeline);
        case CONTINUOUS -> poll(pipeline, Duration.ofMillis(Long.parseLong(args[7])));
      }
    }
    System.exit(0);
  }

  private static void load(Pipeline pipeline) {
    LoadReport report = InitialLoader.of(pipeline).atVersion(0).load();
    if (report.outcome() != LoadReport.Outcome.COMPLETED) {
      throw new IllegalStateException("The load ended as " + report.outcome() + ".");
    }
  }

  private static void range(Pipeline pipeline) throws IOException {
    PollReport report;
    try (CdcPoller poller = CdcPoller.of(pipeline)) {
      report = poller.pollOnce();
    }
    if (report.outcome() != PollReport.Outcome.UP_TO_DATE) {
      throw new IllegalStateException("The poll ended as " + report.outcome() + ".");
    }
    System.out.printf(
        "%d\t%d\t%d\t%d\t%d%n",
        ProcessCost.cpu().toMillis(),
        ProcessCost.peakKilobytes(),
        report.changesRead(),
        report.documentsWritten(),
        report.documentsDeleted());
  }

  private static void poll(Pipeline pipeline, Duration interval)
      throws IOException, InterruptedException {
    CdcPoller poller = CdcPoller.builder(pipeline).interval(interval).build();
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      poller.start();
      while (in.readLine() != null) {
        System.out.printf(
            "%d\t%d\t%d%n",
            ProcessCost.cpu().toMillis(),
            ProcessCost.residentKilobytes(),
            ProcessCost.peakKilobytes());
      }
    } finally {
      poller.close();
    }
    poller.await();
  }
}
