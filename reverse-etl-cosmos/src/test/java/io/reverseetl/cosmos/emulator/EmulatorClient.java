package io.reverseetl.cosmos.emulator;

import com.azure.cosmos.ConsistencyLevel;
import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosClientBuilder;
import com.azure.cosmos.ThrottlingRetryOptions;
import com.azure.cosmos.models.CosmosBulkOperationResponse;
import com.azure.cosmos.models.CosmosContainerProperties;
import com.azure.cosmos.models.CosmosItemOperation;
import com.azure.cosmos.models.PartitionKeyDefinition;
import com.azure.cosmos.models.PartitionKeyDefinitionVersion;
import com.azure.cosmos.models.PartitionKind;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import reactor.core.publisher.Flux;

/** The real Azure client, set up for an emulator, for the emulator's own tests. */
final class EmulatorClient implements AutoCloseable {
  static final String DATABASE = "db";
  private static final Duration WAIT = Duration.ofSeconds(60);

  final CosmosAsyncClient azure;

  EmulatorClient(CosmosEmulator emulator) {
    this(emulator, new ThrottlingRetryOptions());
  }

  EmulatorClient(CosmosEmulator emulator, ThrottlingRetryOptions throttling) {
    emulator.createDatabase(DATABASE);
    azure =
        new CosmosClientBuilder()
            .endpoint(emulator.endpoint().toString())
            .key(emulator.key())
            .gatewayMode()
            .consistencyLevel(ConsistencyLevel.SESSION)
            .throttlingRetryOptions(throttling)
            .buildAsyncClient();
  }

  CosmosAsyncContainer container(String name) {
    return azure.getDatabase(DATABASE).getContainer(name);
  }

  CosmosAsyncContainer create(CosmosContainerProperties properties) {
    azure.getDatabase(DATABASE).createContainer(properties).block(WAIT);
    return container(properties.getId());
  }

  static CosmosContainerProperties versionOne(String name, String path) {
    return new CosmosContainerProperties(name, path);
  }

  static CosmosContainerProperties versionTwo(String name, String path) {
    PartitionKeyDefinition key = new PartitionKeyDefinition();
    key.setPaths(List.of(path));
    key.setVersion(PartitionKeyDefinitionVersion.V2);
    return new CosmosContainerProperties(name, key);
  }

  static CosmosContainerProperties hierarchical(String name, String... paths) {
    PartitionKeyDefinition key = new PartitionKeyDefinition();
    key.setKind(PartitionKind.MULTI_HASH);
    key.setVersion(PartitionKeyDefinitionVersion.V2);
    key.setPaths(List.of(paths));
    return new CosmosContainerProperties(name, key);
  }

  static ObjectNode item(String id, String key) {
    return Json.object().put("id", id).put("pk", key);
  }

  static List<CosmosBulkOperationResponse<Object>> bulk(
      CosmosAsyncContainer container, Flux<CosmosItemOperation> operations) {
    return container.executeBulkOperations(operations).collectList().block(WAIT);
  }

  static List<JsonNode> query(CosmosAsyncContainer container, String text) {
    return container.queryItems(text, JsonNode.class).collectList().block(WAIT);
  }

  @Override
  public void close() {
    azure.close();
  }
}
