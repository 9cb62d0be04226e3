package io.reverseetl.cli;

import io.reverseetl.cosmos.emulator.CosmosEmulator;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs the wire emulator until the process is asked to end. */
@Command(
    name = "emulator",
    description = "Starts a Cosmos DB emulator for tests, and prints its endpoint and key.")
final class EmulatorCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "0",
      description = "The port on the loopback address. Default: a free one.")
  private int port;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      defaultValue = "1",
      description = "Physical partitions of a new container. Default: ${DEFAULT-VALUE}.")
  private int partitions;

  @Option(
      names = "--ru-per-second",
      paramLabel = "N",
      description = "Throttle above this many request units per second. Default: never.")
  private @Nullable Integer requestUnitsPerSecond;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Keep everything in this folder. Default: in memory only.")
  private @Nullable Path data;

  @Override
  public Integer call() throws Exception {
    CosmosEmulator.Builder builder = CosmosEmulator.builder().port(port).partitions(partitions);
    if (requestUnitsPerSecond != null) {
      builder.requestUnitsPerSecond(requestUnitsPerSecond);
    }
    if (data != null) {
      builder.dataFolder(data);
    }
    try (CosmosEmulator emulator = builder.start()) {
      PrintWriter out = spec.commandLine().getOut();
      out.println("endpoint " + emulator.endpoint());
      out.println("key      " + emulator.key());
      out.flush();
      CountDownLatch stopped = new CountDownLatch(1);
      try (GracefulStop ignored = GracefulStop.on(stopped::countDown)) {
        stopped.await();
        emulator.close();
      }
    }
    return ExitCode.DONE;
  }
}
