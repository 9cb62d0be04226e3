package io.reverseetl.azure;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.common.StorageSharedKeyCredential;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A place for a test class's files: below the URI that {@code LAKE_URI} names, with the credential
 * in {@code AZURE_STORAGE_KEY}, or in an emulator. What it makes is deleted when it is closed.
 */
final class TestLake implements AutoCloseable {
  private final @Nullable Azurite azurite;
  private final BlobContainerClient container;
  private final AzureLakeStorage storage;
  private final String root;
  private final String prefix;

  private TestLake(
      @Nullable Azurite azurite,
      BlobContainerClient container,
      AzureLakeStorage storage,
      String root,
      String prefix) {
    this.azurite = azurite;
    this.container = container;
    this.storage = storage;
    this.root = root;
    this.prefix = prefix;
  }

  /** Opens it; where there is neither an account nor an emulator, the tests are skipped. */
  static TestLake open() {
    String uri = System.getenv("LAKE_URI");
    String key = System.getenv("AZURE_STORAGE_KEY");
    String folder = "reverse-etl-test-" + UUID.randomUUID();
    if (uri != null && key != null) {
      AzurePath base = AzurePath.parse(uri, java.util.Map.of());
      String prefix = base.path().isEmpty() ? folder : base.path() + "/" + folder;
      return new TestLake(
          null,
          new BlobServiceClientBuilder()
              .endpoint(base.blobEndpoint())
              .credential(new StorageSharedKeyCredential(base.account(), key))
              .buildClient()
              .getBlobContainerClient(base.container()),
          AzureLakeStorage.withAccountKey(base.account(), key),
          base.withPath(prefix).toString(),
          prefix);
    }
    assumeInstalled();
    Azurite azurite = Azurite.start();
    return new TestLake(
        azurite, azurite.container("lake"), azurite.storage(), Azurite.uri("lake", folder), folder);
  }

  static void assumeInstalled() {
    assumeTrue(
        Azurite.find().isPresent(),
        "Azurite is not installed, so tables in Azure are not tested: .ci/run installs it where"
            + " there is Node.");
  }

  /** Whether it is in a real account. */
  boolean isAccount() {
    return azurite == null;
  }

  AzureLakeStorage storage() {
    return storage;
  }

  String uri(String path) {
    return root + "/" + path;
  }

  String upload(Path folder, String path) {
    Azurite.upload(container, folder, prefix + "/" + path);
    return uri(path);
  }

  /** Makes what is there equal to a folder. */
  void mirror(Path folder, String path) {
    String root = prefix + "/" + path;
    upload(folder, path);
    container
        .listBlobs(new com.azure.storage.blob.models.ListBlobsOptions().setPrefix(root + "/"), null)
        .stream()
        .filter(item -> !Files.exists(folder.resolve(item.getName().substring(root.length() + 1))))
        .forEach(item -> container.getBlobClient(item.getName()).delete());
  }

  void write(String path, byte[] bytes) {
    container.getBlobClient(prefix + "/" + path).upload(BinaryData.fromBytes(bytes), true);
  }

  @Override
  public void close() {
    if (azurite != null) {
      azurite.close();
    } else {
      container
          .listBlobs(
              new com.azure.storage.blob.models.ListBlobsOptions().setPrefix(prefix + "/"), null)
          .forEach(item -> container.getBlobClient(item.getName()).delete());
    }
  }
}
