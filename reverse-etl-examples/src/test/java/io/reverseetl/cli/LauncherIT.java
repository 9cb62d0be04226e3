package io.reverseetl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.delta.DeltaTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script that starts the jar with an archive of its classes. */
@Timeout(180)
@DisabledOnOs(OS.WINDOWS)
class LauncherIT {
  @TempDir Path folder;

  private int launch(Map<String, String> environment, String... args) throws Exception {
    List<String> command = new ArrayList<>(List.of(Path.of("bin", "reverse-etl").toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("XDG_CACHE_HOME", folder.resolve("cache").toString());
    builder.environment().putAll(environment);
    builder.redirectOutput(folder.resolve("out").toFile());
    builder.redirectError(folder.resolve("err").toFile());
    return builder.start().waitFor();
  }

  private String out() throws IOException {
    return Files.readString(folder.resolve("out"));
  }

  private String err() throws IOException {
    return Files.readString(folder.resolve("err"));
  }

  private List<Path> cached() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("cache/reverse-etl"))) {
      return files.toList();
    }
  }

  @Test
  void makesAnArchiveOnceAndTakesTheClassesFromIt() throws Exception {
    Path table = DeltaTables.copy("01-append-only", folder);
    String[] snapshot = {"snapshot", "--table", table.toString()};
    Path classes = folder.resolve("classes");

    int first = launch(Map.of(), snapshot);
    assertThat(first).as(err()).isZero();
    assertThat(err()).contains("making an archive");
    String rows = out();
    int second =
        launch(
            Map.of("REVERSE_ETL_OPTS", "-Xlog:class+load=info:file=" + classes + ":none"),
            snapshot);

    assertThat(second).as(err()).isZero();
    assertThat(err()).isEmpty();
    assertThat(out()).isEqualTo(rows).isNotEmpty();
    assertThat(cached()).hasSize(1);
    assertThat(Files.readString(classes))
        .contains("io.reverseetl.delta.DeltaTableSource source: shared objects file (top)");
  }

  @Test
  void handsOnTheExitCodeAndNeedsNoArchive() throws Exception {
    int exitCode = launch(Map.of("REVERSE_ETL_ARCHIVE", "none"), "no-such-command");

    assertThat(exitCode).isEqualTo(ExitCode.BAD_USAGE);
    assertThat(err()).contains("no-such-command").doesNotContain("archive");
  }

  @Test
  void runsWithAnArchiveThatIsNone() throws Exception {
    Path broken = Files.writeString(folder.resolve("broken.jsa"), "no archive");

    int exitCode = launch(Map.of("REVERSE_ETL_ARCHIVE", broken.toString()), "--version");

    assertThat(exitCode).as(err()).isZero();
    assertThat(out()).startsWith("reverse-etl ");
  }

  @Test
  void saysWhatToDoWithoutAJar() throws Exception {
    Path none = folder.resolve("none.jar");

    int exitCode = launch(Map.of("REVERSE_ETL_JAR", none.toString()), "--version");

    assertThat(exitCode).isEqualTo(1);
    assertThat(err()).contains(none.toString(), "mvn package");
  }
}
