package io.reverseetl.cosmos.emulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A request as fault predicates see it. Immutable but for the body, which must not be changed. */
public final class EmulatorRequest {
  private final HttpRequest http;
  private final ResourcePath path;
  private final EmulatorOperation operation;

  EmulatorRequest(HttpRequest http) {
    this.http = http;
    this.path = ResourcePath.parse(http.path());
    this.operation = path.operation(http);
  }

  HttpRequest http() {
    return http;
  }

  ResourcePath resource() {
    return path;
  }

  /** What the request asks for. */
  public EmulatorOperation operation() {
    return operation;
  }

  /** Upper-case HTTP verb. */
  public String method() {
    return http.method();
  }

  /** Raw path without the query string. */
  public String path() {
    return http.path();
  }

  /** Value of a header in any letter case, or null. */
  public String header(String name) {
    return http.header(name.toLowerCase(Locale.ROOT));
  }

  /** All headers, names in lower case. */
  public Map<String, String> headers() {
    return Collections.unmodifiableMap(http.headers());
  }

  /** The body itself, not a copy; empty when there is none. */
  public byte[] body() {
    return http.body();
  }

  /** Name of the container in the path (or its rid, as the path has it), or null. */
  public String container() {
    return path.container();
  }

  /**
   * Ids of the documents that a point operation or a batch names, in order. Reads the body anew on
   * every call; a body that is not JSON has none.
   */
  public List<String> documentIds() {
    if (path.id() != null) {
      return List.of(path.id());
    }
    List<String> ids = new ArrayList<>();
    try {
      JsonNode body = Json.MAPPER.readTree(http.body());
      if (body.isArray()) {
        for (JsonNode entry : body) {
          JsonNode id = entry.has("id") ? entry.get("id") : entry.path("resourceBody").path("id");
          ids.add(id.asText());
        }
      } else if (body.path("id").isTextual()) {
        ids.add(body.get("id").asText());
      }
    } catch (IOException e) {
      // A malformed body is refused later, with the answer that the service would give.
      return List.of();
    }
    return ids;
  }
}
