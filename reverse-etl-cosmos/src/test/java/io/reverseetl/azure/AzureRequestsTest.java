package io.reverseetl.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.credential.AccessToken;
import com.azure.core.credential.TokenCredential;
import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpHeaders;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.HttpResponse;
import com.azure.core.http.policy.FixedDelayOptions;
import com.azure.core.http.policy.RetryOptions;
import io.reverseetl.storage.FileChangedException;
import io.reverseetl.storage.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What is sent to the service, seen by an HTTP client of the test. */
class AzureRequestsTest {
  private static final TokenCredential TOKEN =
      request -> Mono.just(new AccessToken("a-token", OffsetDateTime.now().plusHours(1)));

  private final List<HttpRequest> requests = new ArrayList<>();
  private Function<HttpRequest, HttpResponse> answer = request -> listing(request, "");

  private AzureLakeStorage storage(TokenCredential credential) {
    return AzureLakeStorage.builder()
        .credential(credential)
        .retryOptions(new RetryOptions(new FixedDelayOptions(1, Duration.ofMillis(1))))
        .client(
            client ->
                client.httpClient(
                    request -> {
                      requests.add(request);
                      return Mono.just(answer.apply(request));
                    }))
        .build();
  }

  private static HttpResponse listing(HttpRequest request, String names) {
    StringBuilder blobs = new StringBuilder();
    for (String name : names.split(",")) {
      if (!name.isEmpty()) {
        blobs
            .append("<Blob><Name>")
            .append(name)
            .append("</Name><Properties><Last-Modified>Sun, 22 Nov 2026 10:00:00 GMT")
            .append("</Last-Modified><Content-Length>7</Content-Length></Properties></Blob>");
      }
    }
    return new Answer(
        request,
        200,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults ContainerName=\"lake\">"
            + "<Blobs>"
            + blobs
            + "</Blobs><NextMarker/></EnumerationResults>");
  }

  private static List<String> names(Iterator<StoredFile> files) {
    List<String> names = new ArrayList<>();
    files.forEachRemaining(file -> names.add(file.path()));
    return names;
  }

  @Test
  void sendsTheTokenToTheBlobEndpointAndSaysWhereToBegin() throws IOException {
    AzureLakeStorage storage = storage(TOKEN);
    answer = request -> listing(request, "t/_delta_log/00000000000000000123.json");

    List<String> names =
        names(
            storage.listFrom(
                "abfss://lake@acme.dfs.core.windows.net/t/_delta_log/00000000000000000123."));

    assertThat(names)
        .containsExactly(
            "abfss://lake@acme.dfs.core.windows.net/t/_delta_log/00000000000000000123.json");
    assertThat(requests).hasSize(1);
    HttpRequest request = requests.get(0);
    assertThat(request.getUrl().toString())
        .startsWith("https://acme.blob.core.windows.net/lake?")
        .contains("prefix=t/_delta_log/")
        .contains("startFrom=t/_delta_log/00000000000000000123.");
    assertThat(request.getHeaders().getValue(HttpHeaderName.AUTHORIZATION))
        .isEqualTo("Bearer a-token");
    assertThat(storage.requests()).isEqualTo(new RequestStatistics(1, 0, 0));
  }

  @Test
  void listsBlockByBlockWhereTheServiceDoesNotKnowWhereToBegin() throws IOException {
    AzureLakeStorage storage = storage(TOKEN);
    String log = "abfss://lake@acme.dfs.core.windows.net/t/_delta_log/";
    // The service gives what is before, too.
    answer =
        request ->
            listing(
                request,
                "t/_delta_log/00000000000000000005.json,t/_delta_log/00000000000000000123.json");
    names(storage.listFrom(log + "00000000000000000123."));
    requests.clear();

    List<String> names = names(storage.listFrom(log + "00000000000000000123."));

    assertThat(names).containsExactly(log + "00000000000000000123.json");
    assertThat(requests).hasSize(1);
    assertThat(requests.get(0).getUrl().toString())
        .contains("prefix=t/_delta_log/000000000000000001&")
        .doesNotContain("startFrom");
  }

  @Test
  void goesOnWithTheNextBlockWhereOneIsFull() throws IOException {
    AzureLakeStorage storage = storage(TOKEN);
    String log = "abfss://lake@acme.dfs.core.windows.net/t/_delta_log/";
    answer = request -> listing(request, "t/_delta_log/00000000000000000005.json");
    names(storage.listFrom(log + "00000000000000000900."));
    requests.clear();
    answer =
        request -> {
          String url = request.getUrl().toString();
          if (url.contains("prefix=t/_delta_log/000000000000000009&")) {
            return listing(request, "t/_delta_log/00000000000000000999.json");
          }
          return url.contains("prefix=t/_delta_log/00000000000000001&")
              ? listing(request, "t/_delta_log/00000000000000001000.json")
              : listing(request, "");
        };

    assertThat(names(storage.listFrom(log + "00000000000000000900.")))
        .containsExactly(log + "00000000000000000999.json", log + "00000000000000001000.json");
    assertThat(requests).hasSize(2);
  }

  @Test
  void listsAllWhereTheWantedBlockIsEmpty() throws IOException {
    AzureLakeStorage storage = storage(TOKEN);
    String log = "abfss://lake@acme.dfs.core.windows.net/t/_delta_log/";
    answer = request -> listing(request, "t/_delta_log/00000000000000000005.json");
    names(storage.listFrom(log + "00000000000000000200."));
    answer =
        request ->
            request.getUrl().toString().contains("prefix=t/_delta_log/&")
                ? listing(request, "t/_delta_log/00000000000000000700.json")
                : listing(request, "");

    assertThat(names(storage.listFrom(log + "00000000000000000200.")))
        .containsExactly(log + "00000000000000000700.json");
  }

  @Test
  void readsWorkspacesOfOneLakeByName() throws IOException {
    AzureLakeStorage storage = storage(TOKEN);

    names(
        storage.listFrom(
            "abfss://My%20Sales@onelake.dfs.fabric.microsoft.com/Shop.Lakehouse/Tables/t/_delta_log/!"));

    assertThat(requests.get(0).getUrl().toString())
        .startsWith("https://onelake.blob.fabric.microsoft.com/My%20Sales?")
        .contains("prefix=Shop.Lakehouse/Tables/t/_delta_log/");
  }

  @Test
  void aBodyThatIsNotTheRangeIsNoRead() {
    AzureLakeStorage storage = storage(TOKEN);
    answer = request -> new Answer(request, 200, "the whole file");

    assertThatThrownBy(
            () -> storage.read("abfss://lake@acme.dfs.core.windows.net/t/x.parquet", 5, 4, null))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("were asked for");
  }

  @Test
  void asksForTheStateThatItIsGiven() {
    AzureLakeStorage storage = storage(TOKEN);
    answer = request -> new Answer(request, 412, "<Error><Code>ConditionNotMet</Code></Error>");

    assertThatThrownBy(
            () -> storage.read("abfss://lake@acme.dfs.core.windows.net/t/x", 5, 4, "\"0x8D1\""))
        .isInstanceOf(FileChangedException.class)
        .hasMessageContaining("t/x was written while it was read (status 412");

    assertThat(requests).hasSize(1);
    assertThat(requests.get(0).getHeaders().getValue(HttpHeaderName.IF_MATCH))
        .isEqualTo("\"0x8D1\"");
  }

  @Test
  void aRefusedTokenIsAnAccessThatIsDenied() {
    AzureLakeStorage storage =
        storage(
            request ->
                Mono.error(
                    new com.azure.core.exception.ClientAuthenticationException(
                        "no managed identity here", null)));

    assertThatThrownBy(() -> storage.find("abfss://lake@acme.dfs.core.windows.net/t/x"))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessageContaining("no managed identity here");
    assertThat(requests).isEmpty();
  }

  @Test
  void aKeyIsForItsOwnAccountOnly() {
    AzureLakeStorage storage = AzureLakeStorage.withAccountKey("acme", "c2VjcmV0");

    assertThatThrownBy(() -> storage.resolve("abfss://lake@other.dfs.core.windows.net/t"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"acme\"")
        .hasMessageContaining("\"other\"");
  }

  @Test
  void aCredentialIsNeededAndOnlyOne() {
    assertThatThrownBy(() -> AzureLakeStorage.builder().build())
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> AzureLakeStorage.builder().credential(TOKEN).sas("acme", "sig=x"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static final class Answer extends HttpResponse {
    private final int status;
    private final String body;
    private final HttpHeaders headers;

    Answer(HttpRequest request, int status, String body) {
      super(request);
      this.status = status;
      this.body = body;
      this.headers =
          new HttpHeaders()
              .set(HttpHeaderName.CONTENT_TYPE, "application/xml")
              .set(HttpHeaderName.CONTENT_LENGTH, String.valueOf(body.length()));
    }

    @Override
    public int getStatusCode() {
      return status;
    }

    @Override
    @Deprecated
    public String getHeaderValue(String name) {
      return headers.getValue(HttpHeaderName.fromString(name));
    }

    @Override
    public HttpHeaders getHeaders() {
      return headers;
    }

    @Override
    public Flux<ByteBuffer> getBody() {
      return Flux.just(ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public Mono<byte[]> getBodyAsByteArray() {
      return Mono.just(body.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public Mono<String> getBodyAsString() {
      return Mono.just(body);
    }

    @Override
    public Mono<String> getBodyAsString(Charset charset) {
      return Mono.just(body);
    }
  }
}
