package io.reverseetl.cosmos.emulator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One answer, and what is done to the connection instead of or while sending it. */
final class HttpResponse {
  /** What happens on the wire. */
  enum Delivery {
    /** The answer is sent and the connection stays open. */
    WHOLE,
    /** The headers promise the whole body, half of it follows, then the connection closes. */
    TRUNCATED,
    /** The connection ends in good order, without an answer. */
    DROPPED,
    /** The connection is reset without an answer. */
    RESET,
    /** Nothing is sent and the connection stays open. */
    SILENT
  }

  private static final byte[] NOTHING = new byte[0];

  private final int status;
  private final List<String> headers = new ArrayList<>(24);
  private byte[] body = NOTHING;
  private int bodyLength;
  private Delivery delivery = Delivery.WHOLE;

  HttpResponse(int status) {
    this.status = status;
  }

  static HttpResponse of(CosmosError error) {
    HttpResponse response = new HttpResponse(error.status());
    if (error.subStatus() != 0) {
      response.header("x-ms-substatus", Integer.toString(error.subStatus()));
    }
    if (error.retryAfterMillis() >= 0) {
      response.header("x-ms-retry-after-ms", Long.toString(error.retryAfterMillis()));
    }
    return response.body(
        Json.write(
            Json.object()
                .put("code", Integer.toString(error.status()))
                .put("message", String.valueOf(error.getMessage()))));
  }

  int status() {
    return status;
  }

  HttpResponse header(String name, String value) {
    headers.add(name);
    headers.add(value);
    return this;
  }

  /** Returns the value of a header that this answer carries, or null. */
  String header(String name) {
    for (int i = 0; i < headers.size(); i += 2) {
      if (headers.get(i).equals(name)) {
        return headers.get(i + 1);
      }
    }
    return null;
  }

  /** Names and values, alternating. */
  List<String> headers() {
    return headers;
  }

  HttpResponse body(byte[] bytes) {
    body = bytes;
    bodyLength = bytes.length;
    return this;
  }

  /** Takes the builder's array without a copy; the builder must not be used again. */
  HttpResponse body(ByteBuilder builder) {
    body = builder.array();
    bodyLength = builder.size();
    return this;
  }

  /** Takes the last element out of a body that is an array. */
  HttpResponse withoutLastElement() {
    if (status < 300) {
      ArrayNode elements = Json.readArray(Arrays.copyOf(body, bodyLength));
      elements.remove(elements.size() - 1);
      body(elements.toString().getBytes(StandardCharsets.UTF_8));
    }
    return this;
  }

  byte[] body() {
    return body;
  }

  int bodyLength() {
    return bodyLength;
  }

  /** Whether anything is sent at all. */
  boolean isSent() {
    return delivery == Delivery.WHOLE || delivery == Delivery.TRUNCATED;
  }

  Delivery delivery() {
    return delivery;
  }

  HttpResponse delivery(Delivery how) {
    delivery = how;
    return this;
  }
}
