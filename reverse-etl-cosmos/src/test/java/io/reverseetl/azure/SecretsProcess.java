package io.reverseetl.azure;

import io.reverseetl.InitialLoader;
import io.reverseetl.Pipeline;
import io.reverseetl.checkpoint.FileCheckpointStore;
import io.reverseetl.delta.DeltaTableSource;
import io.reverseetl.exceptions.ReverseEtlException;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.testing.InMemoryDocumentSink;
import java.nio.file.Path;

/**
 * Loads a table with a signature or a key, which it reads from its environment, and prints
 * everything that can be shown: reports, errors with their causes, and a verbose log.
 */
final class SecretsProcess {
  private SecretsProcess() {}

  public static void main(String[] args) {
    String secret = System.getenv("TEST_SECRET");
    AzureLakeStorage.Builder builder = Azurite.storage(args[0]);
    AzureLakeStorage storage =
        args[1].equals("sas")
            ? builder.sas(Azurite.ACCOUNT, secret).build()
            : builder.accountKey(Azurite.ACCOUNT, secret).build();
    try (DeltaTableSource source =
            DeltaTableSource.builder(Azurite.uri("lake", args[2])).storage(storage).build();
        InMemoryDocumentSink sink = InMemoryDocumentSink.of("/id")) {
      Pipeline pipeline =
          Pipeline.builder("secrets")
              .source(source)
              .mapper(ColumnMapper.builder().id("id").partitionKey("id").build())
              .sink(sink)
              .checkpoints(FileCheckpointStore.of(Path.of(args[3])))
              .build();
      System.out.println(InitialLoader.of(pipeline).load());
      System.out.println(source.storageStatistics() + " " + source.latestVersion());
      System.out.println("loaded");
    } catch (ReverseEtlException e) {
      e.printStackTrace(System.out);
      System.out.println("failed");
    }
    System.out.println(storage + " " + storage.requests());
  }
}
