package io.reverseetl.bench;

import io.reverseetl.bench.PollProcess.Role;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The other end of {@link PollProcess}. */
final class PollClient implements AutoCloseable {
  private static final long END_SECONDS = 60;

  private final Role role;
  private final Process process;
  private final PrintWriter requests;
  private final BufferedReader answers;

  private PollClient(Role role, Process process) {
    this.role = role;
    this.process = process;
    this.requests =
        new PrintWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8), true);
    this.answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Starts a process with the options of a JVM. */
  static PollClient start(
      Jvm jvm,
      Role role,
      EmulatorProcess emulator,
      String container,
      Path table,
      Path checkpoints,
      Duration interval)
      throws IOException {
    return new PollClient(
        role,
        jvm.args(
                List.of(
                    role.name(),
                    emulator.endpoint(),
                    emulator.key(),
                    emulator.database(),
                    container,
                    table.toString(),
                    checkpoints.toString(),
                    Long.toString(interval.toMillis())))
            .start());
  }

  /** The figures that it prints at its end; none if it prints none. */
  List<Long> figuresAtEnd() throws IOException, InterruptedException {
    String line = answers.readLine();
    awaitEnd();
    return line == null ? List.of() : figures(line);
  }

  /** The figures now. */
  List<Long> figuresNow() throws IOException {
    requests.println();
    String line = answers.readLine();
    if (line == null) {
      throw new IllegalStateException(role + " ended too early.");
    }
    return figures(line);
  }

  /** Asks it to end, and waits for that. */
  void end() throws InterruptedException {
    requests.close();
    awaitEnd();
  }

  private void awaitEnd() throws InterruptedException {
    if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException(role + " does not end.");
    }
    if (process.exitValue() != 0) {
      throw new IllegalStateException(role + " ended with exit code " + process.exitValue() + ".");
    }
  }

  private static List<Long> figures(String line) {
    return List.of(line.split("\t", -1)).stream().map(Long::valueOf).toList();
  }

  /** Ends the process if it has not ended. */
  @Override
  public void close() {
    process.destroy();
  }
}
