package io.reverseetl.bench;

import com.azure.core.credential.AzureKeyCredential;
import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosClientBuilder;

/** The client that every process which is measured writes through. */
final class BenchClient {
  private BenchClient() {}

  /** Lets the client talk plain HTTP to the emulator; it reads this once, so it comes first. */
  static void allowPlainHttp() {
    System.setProperty("COSMOS.HTTP_CONNECTION_WITHOUT_TLS_ALLOWED", "true");
    System.setProperty("COSMOS.DISABLE_IMDS_ACCESS", "true");
  }

  static CosmosAsyncClient of(String endpoint, String key) {
    return new CosmosClientBuilder()
        .endpoint(endpoint)
        .credential(new AzureKeyCredential(key))
        .contentResponseOnWriteEnabled(false)
        .endpointDiscoveryEnabled(false)
        .gatewayMode()
        .buildAsyncClient();
  }
}
