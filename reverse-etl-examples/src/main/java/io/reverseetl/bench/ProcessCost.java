package io.reverseetl.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/** What this process has used so far, its start, its compiler and its collector included. */
final class ProcessCost {
  private static final Path STATUS = Path.of("/proc/self/status");

  private ProcessCost() {}

  /** The processor time of all threads; zero if the system does not tell. */
  static Duration cpu() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** The largest resident memory so far in kilobytes; zero where there is no {@code /proc}. */
  static long peakKilobytes() throws IOException {
    return kilobytes("VmHWM:");
  }

  /** The resident memory now in kilobytes; zero where there is no {@code /proc}. */
  static long residentKilobytes() throws IOException {
    return kilobytes("VmRSS:");
  }

  private static long kilobytes(String name) throws IOException {
    if (!Files.exists(STATUS)) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(STATUS)) {
      return lines
          .filter(line -> line.startsWith(name))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(0);
    }
  }
}
