package io.reverseetl.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/**
 * Where the samples of a flight recording fall: on which layer, told by the innermost frame that
 * belongs to a known one, on which methods, and on which classes and lines of this library. Time of
 * the compiler and the collector does not show in samples.
 */
final class Profile {
  private static final int TOP = 25;

  /** The beginnings of class names, the first that fits counts. */
  private static final List<Map.Entry<String, String>> LAYERS =
      List.of(
          Map.entry("org.xerial.snappy.", "decompression"),
          Map.entry("org.apache.parquet.", "Parquet decoding"),
          Map.entry("shaded.parquet.", "Parquet decoding"),
          Map.entry("io.reverseetl.delta.", "our Delta reader"),
          Map.entry("io.delta.kernel.", "Delta Kernel"),
          Map.entry("org.apache.hadoop.", "Hadoop"),
          Map.entry("io.reverseetl.table.", "our rows"),
          Map.entry("io.reverseetl.mapping.", "our mapper"),
          Map.entry("io.reverseetl.document.", "our documents"),
          Map.entry("io.reverseetl.cosmos.", "our Cosmos DB sink"),
          Map.entry("io.reverseetl.bench.", "the benchmark"),
          Map.entry("io.reverseetl.", "our pipeline"),
          Map.entry("com.azure.cosmos.", "azure-cosmos"),
          Map.entry("com.azure.", "azure-core"),
          Map.entry("com.fasterxml.jackson.", "Jackson"),
          Map.entry("reactor.netty.", "netty"),
          Map.entry("reactor.", "Reactor"),
          Map.entry("io.netty.", "netty"));

  private final Map<String, Long> layers = new HashMap<>();
  private final Map<String, Long> methods = new HashMap<>();
  private final Map<String, Long> classes = new HashMap<>();
  private final Map<String, Long> lines = new HashMap<>();
  private final Map<String, Long> allocations = new HashMap<>();
  private long samples;
  private long allocatedBytes;

  private Profile() {}

  /**
   * Prints where the samples of recordings fall.
   *
   * @param args the recordings' files
   */
  public static void main(String[] args) throws IOException {
    PrintWriter out = new PrintWriter(System.out, true, Charset.defaultCharset());
    for (String file : args) {
      Profile.of(Path.of(file)).print(out);
    }
  }

  static Profile of(Path recording) throws IOException {
    Profile profile = new Profile();
    try (RecordingFile file = new RecordingFile(recording)) {
      while (file.hasMoreEvents()) {
        RecordedEvent event = file.readEvent();
        if (event.getStackTrace() == null) {
          continue;
        }
        List<RecordedFrame> frames = event.getStackTrace().getFrames();
        switch (event.getEventType().getName()) {
          case "jdk.ExecutionSample" -> profile.add(frames);
          case "jdk.ObjectAllocationSample" -> profile.allocated(frames, event.getLong("weight"));
          default -> {}
        }
      }
    }
    return profile;
  }

  private void add(List<RecordedFrame> frames) {
    samples++;
    methods.merge(name(frames.get(0)), 1L, Long::sum);
    layers.merge(innermostLayer(frames), 1L, Long::sum);
    ours(frames)
        .ifPresent(
            ours -> {
              classes.merge(ours.getMethod().getType().getName(), 1L, Long::sum);
              lines.merge(name(ours) + ":" + ours.getLineNumber(), 1L, Long::sum);
            });
  }

  private void allocated(List<RecordedFrame> frames, long bytes) {
    allocatedBytes += bytes;
    String who =
        ours(frames)
            .map(ours -> name(ours) + ":" + ours.getLineNumber())
            .orElseGet(() -> innermostLayer(frames));
    allocations.merge(who, bytes, Long::sum);
  }

  private static String innermostLayer(List<RecordedFrame> frames) {
    return frames.stream()
        .map(frame -> layer(frame.getMethod().getType().getName()))
        .flatMap(Optional::stream)
        .findFirst()
        .orElse("the JDK");
  }

  private static Optional<RecordedFrame> ours(List<RecordedFrame> frames) {
    return frames.stream()
        .filter(frame -> frame.getMethod().getType().getName().startsWith("io.reverseetl."))
        .findFirst();
  }

  private static Optional<String> layer(String type) {
    return LAYERS.stream()
        .filter(each -> type.startsWith(each.getKey()))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  private static String name(RecordedFrame frame) {
    return frame.getMethod().getType().getName() + "." + frame.getMethod().getName();
  }

  void print(PrintWriter out) {
    out.printf("%,d samples%n", samples);
    print("layers", layers, samples, out);
    print("methods", methods, samples, out);
    print("classes of ours, with all libraries that they call", classes, samples, out);
    print("lines of ours, with all libraries that they call", lines, samples, out);
    print("allocation, by lines of ours or else by layer", allocations, allocatedBytes, out);
  }

  private static void print(String title, Map<String, Long> counts, long total, PrintWriter out) {
    out.println(title + ":");
    counts.entrySet().stream()
        .sorted(Collections.reverseOrder(Map.Entry.comparingByValue(Comparator.naturalOrder())))
        .limit(TOP)
        .forEach(
            entry ->
                out.printf(
                    Locale.ROOT,
                    "  %5.1f %%  %s%n",
                    100.0 * entry.getValue() / total,
                    entry.getKey()));
    out.flush();
  }
}
