package io.reverseetl.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A Java process to be started with this one's class path. */
final class Jvm {
  private final List<String> options = new ArrayList<>();
  private final Class<?> main;
  private List<String> args = List.of();

  private Jvm(Class<?> main) {
    this.main = main;
  }

  static Jvm of(Class<?> main) {
    return new Jvm(main).option("-Dorg.slf4j.simpleLogger.defaultLogLevel=error");
  }

  Jvm maxHeap(String size) {
    return option("-Xmx" + size);
  }

  Jvm option(String option) {
    options.add(option);
    return this;
  }

  Jvm args(List<String> arguments) {
    args = arguments;
    return this;
  }

  /** Starts it; what it complains about goes where this process's complaints go. */
  Process start() throws IOException {
    return builder().start();
  }

  /** Runs it to its end; what it prints goes where this process prints. */
  void run() throws IOException, InterruptedException {
    int exitCode = builder().redirectOutput(ProcessBuilder.Redirect.INHERIT).start().waitFor();
    if (exitCode != 0) {
      throw new IOException(main.getSimpleName() + " ended with exit code " + exitCode + ".");
    }
  }

  private ProcessBuilder builder() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(args);
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
  }
}
