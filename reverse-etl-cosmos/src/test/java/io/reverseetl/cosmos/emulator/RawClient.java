package io.reverseetl.cosmos.emulator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Sends what the Azure client would never send. */
final class RawClient {
  private static final String DATE = "Thu, 27 Apr 2017 00:51:12 GMT";

  private final URI endpoint;
  private final String key;
  private final HttpClient http = HttpClient.newHttpClient();

  RawClient(CosmosEmulator emulator) {
    this(emulator.endpoint(), emulator.key());
  }

  RawClient(URI endpoint, String key) {
    this.endpoint = endpoint;
    this.key = key;
  }

  HttpResponse<String> bulk(String container, String rangeId, String body) {
    return post(
        container,
        body,
        "x-ms-cosmos-is-batch-request",
        "true",
        "x-ms-cosmos-batch-continue-on-error",
        "true",
        "x-ms-documentdb-partitionkeyrangeid",
        rangeId);
  }

  /** Posts to the documents of a container. */
  HttpResponse<String> post(String container, String body, String... headers) {
    String owner = "dbs/" + EmulatorClient.DATABASE + "/colls/" + container;
    return postTo("/" + owner + "/docs", "docs", owner, body, headers);
  }

  /** Posts anywhere, signed for the given resource type and owner. */
  HttpResponse<String> postTo(
      String path, String type, String owner, String body, String... headers) {
    try {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(endpoint.resolve(path))
              .header("x-ms-date", DATE)
              .header("authorization", token("post", type, owner))
              .POST(HttpRequest.BodyPublishers.ofString(body));
      for (int i = 0; i < headers.length; i += 2) {
        request.header(headers[i], headers[i + 1]);
      }
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  int statusOf(URI uri) {
    try {
      HttpRequest request = HttpRequest.newBuilder(uri).header("x-ms-date", DATE).GET().build();
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private String token(String verb, String type, String resource) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(Base64.getDecoder().decode(key), "HmacSHA256"));
      String text =
          verb + "\n" + type + "\n" + resource + "\n" + DATE.toLowerCase(Locale.ROOT) + "\n\n";
      byte[] signature = mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
      return URLEncoder.encode(
          "type=master&ver=1.0&sig=" + Base64.getEncoder().encodeToString(signature),
          StandardCharsets.UTF_8);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
