package io.reverseetl.azure;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.delta.DeltaTables;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Neither a key nor a signature is shown, logged or stored, in success or in failure. */
@Timeout(180)
class AzureSecretsIT {
  private static final Pattern SIGNATURE = Pattern.compile("sig=([^&]+)");

  @TempDir static Path folder;
  private static Azurite azurite;

  @BeforeAll
  static void start() {
    TestLake.assumeInstalled();
    azurite = Azurite.start();
    Azurite.upload(azurite.container("lake"), DeltaTables.copy("01-append-only", folder), "orders");
  }

  @AfterAll
  static void stop() {
    if (azurite != null) {
      azurite.close();
    }
  }

  private String run(String kind, String secret, String table) throws Exception {
    Path work = Files.createTempDirectory(folder, "run");
    Path output = work.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=debug",
                // It logs whole addresses; docs/storage.md says so.
                "-Dorg.slf4j.simpleLogger.log.reactor.netty=info",
                "-cp",
                System.getProperty("java.class.path"),
                SecretsProcess.class.getName(),
                azurite.endpoint(),
                kind,
                table,
                Files.createDirectory(work.resolve("checkpoints")).toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("TEST_SECRET", secret);
    assertThat(builder.start().waitFor()).isZero();
    return everything(work);
  }

  private static String everything(Path work) throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.walk(work)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        all.append(Files.readString(file, StandardCharsets.UTF_8));
      }
    }
    return all.toString();
  }

  private static void hides(String shown, String signature) {
    Matcher secret = SIGNATURE.matcher(signature);
    assertThat(secret.find()).isTrue();
    assertThat(shown)
        .doesNotContain(secret.group(1))
        .doesNotContain(java.net.URLDecoder.decode(secret.group(1), StandardCharsets.UTF_8));
  }

  @Test
  void hidesASignatureThatWorks() throws Exception {
    String signature = azurite.signature("lake", OffsetDateTime.now().plusHours(1));

    String shown = run("sas", signature, "orders");

    assertThat(shown)
        .contains("loaded")
        .contains("abfss://lake@devstoreaccount1.dfs.core.windows.net/orders");
    hides(shown, signature);
  }

  @Test
  void hidesASignatureThatIsRefused() throws Exception {
    String signature = azurite.signature("lake", OffsetDateTime.now().minusHours(1));

    String shown = run("sas", signature, "orders");

    assertThat(shown).contains("failed").contains("refused access");
    hides(shown, signature);
  }

  @Test
  void hidesKeys() throws Exception {
    String wrong =
        Base64.getEncoder()
            .encodeToString(
                "no key at all, but as long as one is".getBytes(StandardCharsets.UTF_8));

    assertThat(run("key", wrong, "orders")).contains("failed").doesNotContain(wrong);
    assertThat(run("key", Azurite.KEY, "orders")).contains("loaded").doesNotContain(Azurite.KEY);
    assertThat(run("key", Azurite.KEY, "missing")).contains("failed").doesNotContain(Azurite.KEY);
  }
}
