package io.reverseetl.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.cosmos.emulator.EmulatedContainer;
import io.reverseetl.cosmos.emulator.EmulatedDatabase;
import io.reverseetl.cosmos.emulator.RequestUnitSecond;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * The emulator in a process of its own, so that its work does not count as the client's.
 *
 * <p>It prints its endpoint and its key, and then answers each line that it is given with a line;
 * it ends when there are no more lines. What is counted and looked at is looked at here, not
 * through the client that is measured.
 */
final class EmulatorHost {
  private static final String DATABASE = "bench";
  private static final long WATCH_MILLIS = 2;
  private static final long AWAIT_MILLIS = 60_000;

  private final EmulatedDatabase database;
  private volatile long firstDocumentMillis;

  private EmulatorHost(EmulatedDatabase database) {
    this.database = database;
  }

  /**
   * Runs the emulator.
   *
   * @param args how many partitions a container has; and how many request units per second, if they
   *     are limited
   */
  public static void main(String[] args) throws IOException {
    int partitions = Integer.parseInt(args[0]);
    CosmosEmulator.Builder settings = CosmosEmulator.builder().partitions(partitions);
    if (args.length > 1) {
      settings.requestUnitsPerSecond(Integer.parseInt(args[1]));
    }
    try (CosmosEmulator emulator = settings.start();
        BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      EmulatorHost host = new EmulatorHost(emulator.createDatabase(DATABASE));
      System.out.println(emulator.endpoint() + "\t" + emulator.key() + "\t" + DATABASE);
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        System.out.println(host.answer(List.of(line.split("\t", -1)), partitions));
      }
    }
    System.exit(0);
  }

  private String answer(List<String> words, int partitions) {
    String container = words.get(1);
    switch (words.get(0)) {
      case "create" -> {
        watch(database.createContainer(container, partitions, "/" + words.get(2)));
        return "ok";
      }
      case "drop" -> {
        database.deleteContainer(container);
        System.gc();
        return "ok";
      }
      case "first" -> {
        return Long.toString(firstDocumentMillis);
      }
      case "count" -> {
        return Long.toString(database.container(container).documentCount());
      }
      case "ledger" -> {
        return ledger(database.container(container));
      }
      case "get" -> {
        return database
            .container(container)
            .document(words.get(2), words.get(3))
            .map(EmulatorHost::content)
            .orElse("none");
      }
      case "await" -> {
        return Long.toString(
            awaitTitle(database.container(container), words.get(2), words.get(3), words.get(4)));
      }
      default -> throw new IllegalArgumentException("Unknown request " + words.get(0));
    }
  }

  /**
   * What the container charged and refused in each second: {@code second:RU:refused}, by blanks.
   */
  private static String ledger(EmulatedContainer container) {
    Map<Long, double[]> seconds = new TreeMap<>();
    for (RequestUnitSecond each : container.ledger()) {
      double[] sum = seconds.computeIfAbsent(each.epochSecond(), second -> new double[2]);
      sum[0] += each.requestUnits();
      sum[1] += each.throttled();
    }
    return seconds.entrySet().stream()
        .map(each -> each.getKey() + ":" + each.getValue()[0] + ":" + (long) each.getValue()[1])
        .collect(Collectors.joining(" "));
  }

  /**
   * Waits for a document with a title, or without a title for its end; tells when it saw it, in
   * milliseconds since 1970, or 0 if that takes too long.
   */
  private static long awaitTitle(
      EmulatedContainer container, String id, String partitionKey, String title) {
    long end = System.currentTimeMillis() + AWAIT_MILLIS;
    for (long now = System.currentTimeMillis(); now < end; now = System.currentTimeMillis()) {
      String found =
          container
              .document(id, partitionKey)
              .map(document -> document.path("title").asText())
              .orElse("");
      if (found.equals(title)) {
        return now;
      }
      LockSupport.parkNanos(WATCH_MILLIS * 500_000);
    }
    return 0;
  }

  /** The document without what the service adds to it. */
  private static String content(ObjectNode document) {
    document.remove(List.of("_rid", "_self", "_etag", "_attachments", "_ts"));
    return document.toString();
  }

  /** Notes when the container has its first document. */
  private void watch(EmulatedContainer container) {
    firstDocumentMillis = 0;
    Thread watcher =
        new Thread(
            () -> {
              try {
                while (container.documentCountByRange().stream().noneMatch(count -> count > 0)) {
                  Thread.sleep(WATCH_MILLIS);
                }
                firstDocumentMillis = System.currentTimeMillis();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "first-document");
    watcher.setDaemon(true);
    watcher.start();
  }
}
