package io.reverseetl.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The other end of {@link EmulatorHost}. */
final class EmulatorProcess implements AutoCloseable {
  private final Process process;
  private final PrintWriter requests;
  private final BufferedReader answers;
  private final String endpoint;
  private final String key;
  private final String database;

  private EmulatorProcess(Process process) throws IOException {
    this.process = process;
    this.requests =
        new PrintWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8), true);
    this.answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String[] first = read().split("\t", -1);
    this.endpoint = first[0];
    this.key = first[1];
    this.database = first[2];
  }

  static EmulatorProcess start(int partitions, String maxHeap) throws IOException {
    return new EmulatorProcess(
        Jvm.of(EmulatorHost.class)
            .maxHeap(maxHeap)
            .args(List.of(Integer.toString(partitions)))
            .start());
  }

  /** An emulator whose containers have so many request units per second. */
  static EmulatorProcess start(int partitions, int requestUnitsPerSecond, String maxHeap)
      throws IOException {
    return new EmulatorProcess(
        Jvm.of(EmulatorHost.class)
            .maxHeap(maxHeap)
            .args(List.of(Integer.toString(partitions), Integer.toString(requestUnitsPerSecond)))
            .start());
  }

  String endpoint() {
    return endpoint;
  }

  String key() {
    return key;
  }

  String database() {
    return database;
  }

  void create(String container, String partitionKey) throws IOException {
    ask("create", container, partitionKey);
  }

  void drop(String container) throws IOException {
    ask("drop", container);
  }

  long count(String container) throws IOException {
    return Long.parseLong(ask("count", container));
  }

  /** When the newest container had its first document, in milliseconds since 1970; 0 for never. */
  long firstDocument(String container) throws IOException {
    return Long.parseLong(ask("first", container));
  }

  /** A document without what the service adds to it; {@code none} if there is none. */
  String get(String container, String id, String partitionKey) throws IOException {
    return ask("get", container, id, partitionKey);
  }

  /**
   * Waits until a document has a title.
   *
   * @param title empty to wait until there is no such document
   * @return when it was seen, in milliseconds since 1970
   */
  long awaitTitle(String container, String id, String partitionKey, String title)
      throws IOException {
    long seen = Long.parseLong(ask("await", container, id, partitionKey, title));
    if (seen == 0) {
      throw new IllegalStateException("A commit did not arrive in the emulator.");
    }
    return seen;
  }

  /** What the container charged and refused, second by second. */
  List<Second> ledger(String container) throws IOException {
    List<Second> seconds = new ArrayList<>();
    for (String each : ask("ledger", container).split(" ", -1)) {
      String[] parts = each.split(":", -1);
      if (parts.length == 3) {
        seconds.add(
            new Second(
                Long.parseLong(parts[0]), Double.parseDouble(parts[1]), Long.parseLong(parts[2])));
      }
    }
    return seconds;
  }

  /** What a container charged and refused in a second. */
  record Second(long epochSecond, double requestUnits, long throttled) {}

  private String ask(String... words) throws IOException {
    requests.println(String.join("\t", words));
    return read();
  }

  private String read() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("The emulator has ended.");
    }
    return line;
  }

  /** Ends the process. */
  @Override
  public void close() {
    process.destroy();
  }
}
