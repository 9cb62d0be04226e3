package io.reverseetl.azure;

import com.azure.core.http.policy.FixedDelayOptions;
import com.azure.core.http.policy.RetryOptions;
import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.blob.sas.BlobContainerSasPermission;
import com.azure.storage.blob.sas.BlobServiceSasSignatureValues;
import com.azure.storage.common.StorageSharedKeyCredential;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The storage emulator of Azure, in a process of its own, on a port of its own, in memory. It needs
 * Node; where there is none, {@link #find} is empty. Ends with {@link #close}, or with this
 * process.
 */
public final class Azurite implements AutoCloseable {
  /** The emulator's only account. */
  public static final String ACCOUNT = "devstoreaccount1";

  /** Its key, which everybody knows. */
  public static final String KEY =
      "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

  private static final String MAIN = "azurite/dist/src/blob/main.js";
  private static final Pattern LISTENS =
      Pattern.compile("listens on (http://127\\.0\\.0\\.1:\\d+)");

  private final Process process;
  private final Thread hook;
  private final String endpoint;
  private final BlobServiceClient service;

  private Azurite(Process process, String address) {
    this.process = process;
    this.hook = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(hook);
    this.endpoint = address + "/" + ACCOUNT;
    this.service =
        new BlobServiceClientBuilder()
            .endpoint(endpoint)
            .credential(new StorageSharedKeyCredential(ACCOUNT, KEY))
            .buildClient();
  }

  /** The emulator's program: in the folder that AZURITE_HOME names, or where CI puts it. */
  public static Optional<Path> find() {
    if (!hasNode()) {
      return Optional.empty();
    }
    String home = System.getenv("AZURITE_HOME");
    if (home != null) {
      return Optional.of(Path.of(home, "node_modules", MAIN)).filter(Files::isRegularFile);
    }
    for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
      Path main = folder.resolve("target/azurite/node_modules").resolve(MAIN);
      if (Files.isRegularFile(main)) {
        return Optional.of(main);
      }
    }
    return Optional.empty();
  }

  private static boolean hasNode() {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    return Stream.of(path.split(Pattern.quote(java.io.File.pathSeparator)))
        .filter(folder -> !folder.isEmpty())
        .map(Path::of)
        .anyMatch(
            folder ->
                Files.isExecutable(folder.resolve("node"))
                    || Files.isExecutable(folder.resolve("node.exe")));
  }

  /** Starts an emulator. */
  public static Azurite start() {
    Path main =
        find()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "Azurite is not installed: npm install --prefix target/azurite azurite"));
    try {
      Process process =
          new ProcessBuilder(
                  "node",
                  main.toString(),
                  "--blobHost",
                  "127.0.0.1",
                  "--blobPort",
                  "0",
                  "--inMemoryPersistence",
                  "--skipApiVersionCheck",
                  "--disableTelemetry",
                  "--silent")
              .redirectErrorStream(true)
              .start();
      return new Azurite(process, address(process));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String address(Process process) throws IOException {
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    StringBuilder said = new StringBuilder();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      said.append(line).append('\n');
      Matcher listens = LISTENS.matcher(line);
      if (listens.find()) {
        Thread drain = new Thread(() -> drain(out), "azurite-output");
        drain.setDaemon(true);
        drain.start();
        return listens.group(1);
      }
    }
    throw new IllegalStateException("Azurite did not start: " + said);
  }

  /** A full pipe would hold the emulator up. */
  private static void drain(BufferedReader out) {
    try {
      while (out.readLine() != null) {
        // nobody reads it
      }
    } catch (IOException e) {
      // The emulator ended.
    }
  }

  /** Where its account is. */
  public String endpoint() {
    return endpoint;
  }

  /** Makes a container. */
  public BlobContainerClient container(String name) {
    BlobContainerClient container = service.getBlobContainerClient(name);
    container.createIfNotExists();
    return container;
  }

  /** Signs for a container: reading and listing, until an instant. */
  public String signature(String container, OffsetDateTime until) {
    BlobServiceSasSignatureValues values =
        new BlobServiceSasSignatureValues(
            until,
            new BlobContainerSasPermission().setReadPermission(true).setListPermission(true));
    return service.getBlobContainerClient(container).generateSas(values);
  }

  /** A storage over this emulator, or over a proxy in front of it. */
  public static AzureLakeStorage.Builder storage(String endpoint) {
    return AzureLakeStorage.builder()
        .endpoint(ACCOUNT, endpoint)
        .retryOptions(new RetryOptions(new FixedDelayOptions(3, Duration.ofMillis(20))));
  }

  /** A storage with the account's key. */
  public AzureLakeStorage storage() {
    return storage(endpoint).accountKey(ACCOUNT, KEY).build();
  }

  /** The URI of something in a container. */
  public static String uri(String container, String path) {
    return "abfss://" + container + "@" + ACCOUNT + ".dfs.core.windows.net/" + path;
  }

  /** Copies a folder into a container, which is made. */
  public void copyIn(Path folder, String container, String prefix) {
    upload(container(container), folder, prefix);
  }

  /** Copies a folder into a container. */
  public static void upload(BlobContainerClient container, Path folder, String prefix) {
    try (Stream<Path> files = Files.walk(folder)) {
      files
          .filter(Files::isRegularFile)
          .sorted()
          .parallel()
          .forEach(
              file -> {
                String name = folder.relativize(file).toString().replace('\\', '/');
                container
                    .getBlobClient(prefix + "/" + name)
                    .upload(BinaryData.fromFile(file), true);
              });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is on its way down, and runs the hook.
    }
  }
}
