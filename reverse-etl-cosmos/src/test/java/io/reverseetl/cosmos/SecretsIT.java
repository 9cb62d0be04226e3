package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Keys and row values are in no log, report, checkpoint, exception or {@code toString}. */
@Timeout(240)
class SecretsIT {
  @TempDir Path folder;

  @Test
  void areNowhereToBeRead() throws Exception {
    Path out = folder.resolve("out.txt");
    Path log = folder.resolve("log.txt");
    Path files = Files.createDirectory(folder.resolve("files"));

    int exitCode = run(out, log, files);

    String printed = Files.readString(out);
    String logged = Files.readString(log);
    assertThat(exitCode).as(printed).isZero();
    // What is looked through is really there.
    assertThat(printed)
        .contains("LoadReport[", "LoadEstimate[", "PollReport[", "PipelineStatus[")
        .contains("WriteException", "MappingException", "CosmosRateLimiter(")
        .contains("stored: 3");
    assertThat(logged).contains("LoadRun - ", "CosmosWriteSession - ", "INFO", "DEBUG");
    assertThat(marked(printed)).isEmpty();
    assertThat(marked(logged)).isEmpty();
    assertThat(marked(checkpoints(files))).isEmpty();
    // Dead letters hold the document, as they are meant to; and so a mark is found where one is.
    assertThat(marked(Files.readString(files.resolve("letters")))).isNotEmpty();
  }

  private static int run(Path out, Path log, Path files) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx256m");
    command.add("-DCOSMOS.HTTP_CONNECTION_WITHOUT_TLS_ALLOWED=true");
    command.add("-DCOSMOS.DISABLE_IMDS_ACCESS=true");
    command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=off");
    command.add("-Dorg.slf4j.simpleLogger.log.io.reverseetl=trace");
    command.add("-Dorg.slf4j.simpleLogger.logFile=" + log);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(MarkedRun.class.getName());
    command.add(files.toString());
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(out.toFile())
        .start()
        .waitFor();
  }

  private static String checkpoints(Path files) throws IOException {
    try (Stream<Path> all = Files.walk(files.resolve("checkpoints"))) {
      StringBuilder text = new StringBuilder();
      all.filter(Files::isRegularFile)
          .forEach(
              file -> {
                try {
                  text.append(Files.readString(file, StandardCharsets.UTF_8));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      assertThat(text).isNotEmpty();
      return text.toString();
    }
  }

  private static List<String> marked(String text) {
    return text.lines()
        .filter(line -> line.contains(MarkedRun.MARK) || line.contains(MarkedRun.KEY))
        .map(line -> line.substring(0, Math.min(line.length(), 600)))
        .toList();
  }
}
