package io.reverseetl.cli;

import io.reverseetl.bench.TableGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * Loads a small table into the emulator, once, and ends: so that an archive of classes that is
 * written at the end of the process holds those that a command needs.
 *
 * <pre>{@code
 * java -XX:ArchiveClassesAtExit=reverse-etl.jsa -cp reverse-etl.jar io.reverseetl.cli.WarmUp
 * java -XX:SharedArchiveFile=reverse-etl.jsa -jar reverse-etl.jar load ...
 * }</pre>
 */
public final class WarmUp {
  private WarmUp() {}

  /**
   * Warms up.
   *
   * @param args none
   * @throws IOException if there is no room for a temporary table
   */
  public static void main(String[] args) throws IOException {
    ReverseEtl.quietLogs();
    Path folder = Files.createTempDirectory("reverse-etl-warm-up-");
    int exitCode;
    try {
      exitCode = run(folder);
    } finally {
      delete(folder);
    }
    System.exit(exitCode);
  }

  private static int run(Path folder) {
    String table = folder.resolve("table").toString();
    List<List<String>> commands =
        List.of(
            List.of("--rows", "2000", "--files", "2", "--commits", "2", "--out", table),
            List.of(
                "load",
                "--table",
                table,
                "--id",
                "id",
                "--partition-key",
                "tenant",
                "--exclude",
                "l1",
                "--progress",
                "none"),
            List.of(
                "changes",
                "--table",
                table,
                "--from",
                "0",
                "--out",
                folder.resolve("changes").toString()));
    int exitCode = 0;
    for (int i = 0; i < commands.size() && exitCode == 0; i++) {
      exitCode =
          execute(
              i == 0 ? TableGenerator.commandLine() : ReverseEtl.commandLine(), commands.get(i));
    }
    return exitCode;
  }

  /** What goes wrong is told, what goes well is not. */
  private static int execute(CommandLine commandLine, List<String> args) {
    StringWriter told = new StringWriter();
    commandLine.setOut(new PrintWriter(told)).setErr(new PrintWriter(told));
    int exitCode = commandLine.execute(args.toArray(String[]::new));
    if (exitCode != 0) {
      System.err.print(told);
    }
    return exitCode;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
