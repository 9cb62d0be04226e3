package io.reverseetl.cosmos.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.models.CosmosBatch;
import com.azure.cosmos.models.PartitionKey;
import com.azure.cosmos.models.ThroughputProperties;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmulatorPersistenceIT {
  @TempDir Path folder;

  private CosmosEmulator start() {
    return CosmosEmulator.builder().partitions(2).dataFolder(folder).start();
  }

  @Test
  void bringsEverythingBackAfterARestart() {
    List<ObjectNode> documents;
    ObjectNode metadata;
    try (CosmosEmulator emulator = start();
        EmulatorClient client = new EmulatorClient(emulator)) {
      CosmosAsyncContainer container = client.create(EmulatorClient.versionTwo("c", "/pk"));
      EmulatedContainer stored = emulator.database(EmulatorClient.DATABASE).container("c");
      for (int i = 0; i < 50; i++) {
        container.createItem(EmulatorClient.item("id-" + i, "key-" + i)).block();
      }
      stored.split("1");
      container.upsertItem(EmulatorClient.item("id-1", "key-1").put("x", "ä")).block();
      container.deleteItem("id-2", new PartitionKey("key-2")).block();
      CosmosBatch failing = CosmosBatch.createCosmosBatch(new PartitionKey("key-3"));
      failing.deleteItemOperation("id-3");
      failing.deleteItemOperation("id-3");
      container.executeCosmosBatch(failing).block();
      container.replaceThroughput(ThroughputProperties.createManualThroughput(900)).block();
      client.create(EmulatorClient.versionTwo("gone", "/pk"));
      emulator.database(EmulatorClient.DATABASE).deleteContainer("gone");
      documents = stored.documents();
      metadata = stored.metadata();
    }

    try (CosmosEmulator emulator = start();
        EmulatorClient client = new EmulatorClient(emulator)) {
      EmulatedContainer stored = emulator.database(EmulatorClient.DATABASE).container("c");

      assertThat(stored.documents()).hasSize(49).isEqualTo(documents);
      assertThat(stored.metadata()).isEqualTo(metadata);
      assertThat(stored.rangeIds()).containsExactly("0", "2", "3");
      assertThat(stored.requestUnitsPerSecond()).contains(900);
      assertThat(emulator.database(EmulatorClient.DATABASE).containerNames()).containsExactly("c");
      client.container("c").createItem(EmulatorClient.item("new", "key-2")).block();
      assertThat(stored.documentCount()).isEqualTo(50);
      assertThat(stored.documents()).extracting(d -> d.path("_rid")).doesNotHaveDuplicates();
      assertThat(stored.documents()).extracting(d -> d.path("_etag")).doesNotHaveDuplicates();
    }
  }

  @Test
  void cutsOffATornEnd() throws IOException {
    Path file;
    try (CosmosEmulator emulator = start()) {
      EmulatedContainer stored = emulator.createDatabase("db").createContainer("c", 1, "/pk");
      stored.put("{\"id\":\"1\",\"pk\":\"a\"}");
      stored.put("{\"id\":\"2\",\"pk\":\"a\"}");
    }
    try (var files = Files.list(folder)) {
      file = files.findFirst().orElseThrow();
    }
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 5));

    try (CosmosEmulator emulator = start()) {
      EmulatedContainer stored = emulator.database("db").container("c");
      assertThat(stored.documentCount()).isEqualTo(1);
      stored.put("{\"id\":\"3\",\"pk\":\"a\"}");
    }
    Files.write(file, new byte[] {0, 0, 1}, StandardOpenOption.APPEND);

    try (CosmosEmulator emulator = start()) {
      assertThat(emulator.database("db").container("c").documents())
          .extracting(d -> d.path("id").asText())
          .containsExactly("1", "3");
    }
  }

  @Test
  void losesNothingAcknowledgedWhenItIsKilled() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                CosmosEmulatorMain.class.getName(),
                "--port",
                "0",
                "--data",
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    int acknowledged = 0;
    try (BufferedReader output = process.inputReader()) {
      URI endpoint = URI.create(output.readLine());
      RawClient raw = new RawClient(endpoint, output.readLine());
      assertThat(raw.postTo("/dbs", "dbs", "", "{\"id\":\"db\"}").statusCode()).isEqualTo(201);
      String container = "{\"id\":\"c\",\"partitionKey\":{\"paths\":[\"/pk\"]}}";
      assertThat(raw.postTo("/dbs/db/colls", "colls", "dbs/db", container).statusCode())
          .isEqualTo(201);
      for (int i = 0; i < 20; i++) {
        String item = "{\"id\":\"" + i + "\",\"pk\":\"a\"}";
        acknowledged +=
            raw.post("c", item, "x-ms-documentdb-partitionkey", "[\"a\"]").statusCode() == 201
                ? 1
                : 0;
      }
    } finally {
      process.destroyForcibly().waitFor();
    }

    try (CosmosEmulator emulator = start()) {
      assertThat(acknowledged).isEqualTo(20);
      assertThat(emulator.database("db").container("c").documentCount()).isEqualTo(20);
    }
  }

  @Test
  void refusesAFolderThatAnotherEmulatorUses() {
    try (CosmosEmulator emulator = start()) {
      assertThat(emulator.databaseNames()).isEmpty();
      assertThatThrownBy(this::start).isInstanceOf(UncheckedIOException.class);
    }
  }
}
