package io.reverseetl.cli;

import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.models.CosmosContainerProperties;
import com.azure.cosmos.models.PartitionKeyDefinition;
import com.azure.cosmos.models.PartitionKeyDefinitionVersion;
import com.azure.cosmos.models.PartitionKind;
import io.reverseetl.exceptions.ConfigurationException;
import java.util.List;

/** Makes databases and containers that are not there. */
final class CosmosContainers {
  private static final int FORBIDDEN = 403;

  private CosmosContainers() {}

  static void create(
      CosmosAsyncClient client, String database, String container, List<String> partitionKeyPaths) {
    PartitionKeyDefinition key = new PartitionKeyDefinition();
    key.setPaths(partitionKeyPaths);
    key.setKind(partitionKeyPaths.size() == 1 ? PartitionKind.HASH : PartitionKind.MULTI_HASH);
    key.setVersion(PartitionKeyDefinitionVersion.V2);
    try {
      client.createDatabaseIfNotExists(database).block();
      client
          .getDatabase(database)
          .createContainerIfNotExists(new CosmosContainerProperties(container, key))
          .block();
    } catch (CosmosException e) {
      if (e.getStatusCode() == FORBIDDEN) {
        throw new ConfigurationException(
            "The account refuses to make database \""
                + database
                + "\" or container \""
                + container
                + "\": data-plane roles may not. Make them with the Azure CLI or portal and leave"
                + " --create out, or use the account's key.",
            e);
      }
      throw e;
    }
  }
}
