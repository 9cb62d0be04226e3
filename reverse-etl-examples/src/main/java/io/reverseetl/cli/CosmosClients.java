package io.reverseetl.cli;

import com.azure.core.credential.AzureKeyCredential;
import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosClientBuilder;
import com.azure.identity.DefaultAzureCredentialBuilder;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Makes clients for accounts and emulators. */
final class CosmosClients {
  private static final String KEY_VARIABLE = "COSMOS_KEY";

  /** The client reads it once, when its classes are loaded. */
  private static final String PLAIN_HTTP = "COSMOS.HTTP_CONNECTION_WITHOUT_TLS_ALLOWED";

  private final CommandLine commandLine;

  CosmosClients(CommandLine commandLine) {
    this.commandLine = commandLine;
  }

  /** A client with the key of the environment, else with the identity that Entra ID gives. */
  CosmosAsyncClient toAccount(URI endpoint) {
    String key = System.getenv(KEY_VARIABLE);
    if (key != null && !key.isBlank()) {
      return withKey(endpoint, key.strip());
    }
    return builder(endpoint)
        .credential(new DefaultAzureCredentialBuilder().build())
        .buildAsyncClient();
  }

  CosmosAsyncClient withKey(URI endpoint, String key) {
    return builder(endpoint).credential(new AzureKeyCredential(key)).buildAsyncClient();
  }

  private CosmosClientBuilder builder(URI endpoint) {
    boolean plain = "http".equals(endpoint.getScheme());
    if (!plain && !"https".equals(endpoint.getScheme())) {
      throw new ParameterException(
          commandLine, "--endpoint: an account is written as https://NAME.documents.azure.com.");
    }
    if (plain) {
      if (!isLoopback(endpoint.getHost())) {
        throw new ParameterException(
            commandLine,
            "--endpoint: http:// would send keys and data unencrypted, so it is for loopback"
                + " addresses only. Use https://.");
      }
      System.setProperty(PLAIN_HTTP, "true");
      System.setProperty("COSMOS.DISABLE_IMDS_ACCESS", "true");
    }
    CosmosClientBuilder builder =
        new CosmosClientBuilder()
            .endpoint(endpoint.toString())
            .contentResponseOnWriteEnabled(false);
    return plain ? builder.gatewayMode().endpointDiscoveryEnabled(false) : builder;
  }

  private static boolean isLoopback(String host) {
    try {
      return host != null && InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
