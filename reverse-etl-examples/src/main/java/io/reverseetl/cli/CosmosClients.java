package io.reverseetl.cli;

import com.azure.core.credential.AzureKeyCredential;
import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosClientBuilder;
import com.azure.cosmos.CosmosException;
import com.azure.identity.DefaultAzureCredentialBuilder;
import io.reverseetl.exceptions.ConfigurationException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;
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
    return build(
        builder(endpoint).credential(new DefaultAzureCredentialBuilder().build()), endpoint);
  }

  CosmosAsyncClient withKey(URI endpoint, String key) {
    return build(builder(endpoint).credential(new AzureKeyCredential(key)), endpoint);
  }

  /** Building a client reads the account, which is where a wrong endpoint or key shows. */
  private static CosmosAsyncClient build(CosmosClientBuilder builder, URI endpoint) {
    try {
      return builder.buildAsyncClient();
    } catch (RuntimeException e) {
      CosmosException answer = answerIn(e);
      if (answer != null && (answer.getStatusCode() == 401 || answer.getStatusCode() == 403)) {
        throw new ConfigurationException(
            "The account at "
                + endpoint
                + " refuses the credentials ("
                + answer.getStatusCode()
                + "). See to the key in COSMOS_KEY or to the identity's roles.",
            e);
      }
      throw new ConfigurationException(
          "The account at "
              + endpoint
              + " cannot be reached"
              + (answer == null ? "" : " (" + answer.getStatusCode() + ")")
              + ". See to the endpoint, the network and the account's firewall.",
          e);
    }
  }

  private static @Nullable CosmosException answerIn(Throwable failure) {
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (e instanceof CosmosException answer) {
        return answer;
      }
    }
    return null;
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
