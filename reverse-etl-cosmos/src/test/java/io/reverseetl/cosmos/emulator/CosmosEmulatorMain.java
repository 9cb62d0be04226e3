package io.reverseetl.cosmos.emulator;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * Runs an emulator as a process of its own until it is killed.
 *
 * <p>Options: {@code --port N} (0 takes a free one), {@code --partitions N}, {@code --ru N}
 * (enforced request units per second of containers that ask for none), {@code --data DIR}. The
 * first line of the output is the endpoint, the second the key.
 */
public final class CosmosEmulatorMain {
  private CosmosEmulatorMain() {}

  public static void main(String[] args) throws InterruptedException {
    CosmosEmulator.Builder builder = CosmosEmulator.builder();
    for (int i = 0; i < args.length; i += 2) {
      if (i + 1 == args.length) {
        throw new IllegalArgumentException("Option " + args[i] + " needs a value");
      }
      String value = args[i + 1];
      switch (args[i]) {
        case "--port" -> builder.port(Integer.parseInt(value));
        case "--partitions" -> builder.partitions(Integer.parseInt(value));
        case "--ru" -> builder.requestUnitsPerSecond(Integer.parseInt(value));
        case "--data" -> builder.dataFolder(Path.of(value));
        default ->
            throw new IllegalArgumentException(
                "Unknown option " + args[i] + "; known: --port --partitions --ru --data");
      }
    }
    try (CosmosEmulator emulator = builder.start()) {
      System.out.println(emulator.endpoint());
      System.out.println(emulator.key());
      new CountDownLatch(1).await();
    }
  }
}
