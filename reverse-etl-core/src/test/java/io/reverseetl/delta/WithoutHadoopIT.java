package io.reverseetl.delta;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.table.ChangeQuery;
import io.reverseetl.table.SnapshotQuery;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A local table, or one of a storage, needs of Hadoop only the classes that Parquet names. */
@Timeout(120)
class WithoutHadoopIT {
  private static final Pattern NOT_NEEDED =
      Pattern.compile(".*(hadoop-client-runtime|hadoop-azure|delta-storage).*");

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "04-deletion-vectors, local",
    "04-deletion-vectors, storage",
    "14c-checkpoint-v2-parquet, local",
    "14c-checkpoint-v2-parquet, storage"
  })
  void readsSnapshotsAndChangesWithoutHadoopsLibraries(String name, String from) throws Exception {
    Path table = DeltaTables.copy(name, folder);
    String all = System.getProperty("java.class.path");
    List<String> needed =
        Stream.of(all.split(Pattern.quote(File.pathSeparator)))
            .filter(jar -> !NOT_NEEDED.matcher(jar).matches())
            .toList();
    assertThat(all).contains("hadoop-client-runtime");

    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "-cp",
                String.join(File.pathSeparator, needed),
                StorageProcess.class.getName(),
                table.toString(),
                from)
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    try (DeltaTableSource source = DeltaTableSource.open(table.toString())) {
      assertThat(output.strip())
          .isEqualTo(
              Tables.rows(source, SnapshotQuery.latest()).size()
                  + " rows, "
                  + ChangeLines.read(source, ChangeQuery.from(1)).size()
                  + " changes");
    }
  }
}
