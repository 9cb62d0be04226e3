package io.reverseetl.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;
import org.jspecify.annotations.Nullable;

/**
 * Where the samples of a flight recording fall: on which layer, told by the innermost frame that
 * belongs to a known one, and on which methods. Time of the compiler and the collector does not
 * show in samples.
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

  private final Map<String, Integer> layers = new HashMap<>();
  private final Map<String, Integer> methods = new HashMap<>();
  private final Map<String, Integer> lines = new HashMap<>();
  private int samples;

  private Profile() {}

  /**
   * Prints where the samples of recordings fall.
   *
   * @param args the recordings' files
   */
  public static void main(String[] args) throws IOException {
    PrintWriter out = new PrintWriter(System.out, true);
    for (String file : args) {
      Profile.of(Path.of(file)).print(out);
    }
  }

  static Profile of(Path recording) throws IOException {
    Profile profile = new Profile();
    try (RecordingFile file = new RecordingFile(recording)) {
      while (file.hasMoreEvents()) {
        RecordedEvent event = file.readEvent();
        if (event.getEventType().getName().equals("jdk.ExecutionSample")
            && event.getStackTrace() != null) {
          profile.add(event.getStackTrace().getFrames());
        }
      }
    }
    return profile;
  }

  private void add(List<RecordedFrame> frames) {
    samples++;
    RecordedFrame top = frames.get(0);
    methods.merge(name(top), 1, Integer::sum);
    String layer = "the JDK";
    for (RecordedFrame frame : frames) {
      String known = layer(frame.getMethod().getType().getName());
      if (known != null) {
        layer = known;
        if (known.startsWith("our")) {
          lines.merge(name(frame) + ":" + frame.getLineNumber(), 1, Integer::sum);
        }
        break;
      }
    }
    layers.merge(layer, 1, Integer::sum);
  }

  private static @Nullable String layer(String type) {
    for (Map.Entry<String, String> each : LAYERS) {
      if (type.startsWith(each.getKey())) {
        return each.getValue();
      }
    }
    return null;
  }

  private static String name(RecordedFrame frame) {
    return frame.getMethod().getType().getName() + "." + frame.getMethod().getName();
  }

  void print(PrintWriter out) {
    out.printf("%,d samples%n", samples);
    print("layers", layers, out);
    print("methods", methods, out);
    print("lines of ours, with what they call in the JDK", lines, out);
  }

  private void print(String title, Map<String, Integer> counts, PrintWriter out) {
    out.println(title + ":");
    counts.entrySet().stream()
        .sorted(Collections.reverseOrder(Map.Entry.comparingByValue(Comparator.naturalOrder())))
        .limit(TOP)
        .forEach(
            entry ->
                out.printf(
                    Locale.ROOT,
                    "  %5.1f %%  %s%n",
                    100.0 * entry.getValue() / samples,
                    entry.getKey()));
    out.flush();
  }
}
