package io.reverseetl.cosmos.emulator;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A request's path, taken apart. Names or resource ids; null for what the path does not name.
 *
 * @param kind what the path ends in
 * @param database name or rid of the database
 * @param container name or rid of the container
 * @param id document id, offer rid
 */
record ResourcePath(Kind kind, String database, String container, String id) {
  /** What a path can end in. */
  enum Kind {
    ACCOUNT,
    DATABASES,
    DATABASE,
    CONTAINERS,
    CONTAINER,
    DOCUMENTS,
    DOCUMENT,
    PARTITION_KEY_RANGES,
    PARTITION_KEY_DELETE,
    OFFERS,
    OFFER,
    UNKNOWN
  }

  static ResourcePath parse(String path) {
    List<String> parts = new ArrayList<>(6);
    int at = 0;
    while (at < path.length()) {
      int slash = path.indexOf('/', at);
      int end = slash < 0 ? path.length() : slash;
      if (end > at) {
        parts.add(decode(path.substring(at, end)));
      }
      at = end + 1;
    }
    int count = parts.size();
    if (count == 0) {
      return new ResourcePath(Kind.ACCOUNT, null, null, null);
    }
    if (parts.get(0).equals("offers")) {
      return count == 1
          ? new ResourcePath(Kind.OFFERS, null, null, null)
          : new ResourcePath(Kind.OFFER, null, null, parts.get(1));
    }
    if (!parts.get(0).equals("dbs")) {
      return unknown();
    }
    if (count == 1) {
      return new ResourcePath(Kind.DATABASES, null, null, null);
    }
    String database = parts.get(1);
    if (count == 2) {
      return new ResourcePath(Kind.DATABASE, database, null, null);
    }
    if (!parts.get(2).equals("colls")) {
      return unknown();
    }
    if (count == 3) {
      return new ResourcePath(Kind.CONTAINERS, database, null, null);
    }
    String container = parts.get(3);
    if (count == 4) {
      return new ResourcePath(Kind.CONTAINER, database, container, null);
    }
    return switch (parts.get(4)) {
      case "docs" ->
          count == 5
              ? new ResourcePath(Kind.DOCUMENTS, database, container, null)
              : new ResourcePath(Kind.DOCUMENT, database, container, parts.get(5));
      case "pkranges" -> new ResourcePath(Kind.PARTITION_KEY_RANGES, database, container, null);
      case "operations" ->
          count == 6 && parts.get(5).equals("partitionkeydelete")
              ? new ResourcePath(Kind.PARTITION_KEY_DELETE, database, container, null)
              : unknown();
      default -> unknown();
    };
  }

  private static ResourcePath unknown() {
    return new ResourcePath(Kind.UNKNOWN, null, null, null);
  }

  /** Undoes percent encoding; a plus sign stays one, unlike in a form. */
  static String decode(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%' && i + 2 < text.length()) {
        int high = Character.digit(text.charAt(i + 1), 16);
        int low = Character.digit(text.charAt(i + 2), 16);
        if (high >= 0 && low >= 0) {
          bytes.write(high * 16 + low);
          i += 2;
          continue;
        }
      }
      bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.ISO_8859_1));
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** Percent-encodes everything that a header value should not carry. */
  static String encode(String text) {
    StringBuilder encoded = new StringBuilder(text.length() + 16);
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      if (b > 0x20 && b < 0x7f && b != '%' && b != '+') {
        encoded.append((char) b);
      } else {
        encoded.append(String.format("%%%02X", b & 0xff));
      }
    }
    return encoded.toString();
  }

  EmulatorOperation operation(HttpRequest request) {
    String method = request.method();
    return switch (kind) {
      case ACCOUNT -> EmulatorOperation.READ_ACCOUNT;
      case DATABASES ->
          isCreate(request) ? EmulatorOperation.CREATE_DATABASE : EmulatorOperation.LIST_DATABASES;
      case DATABASE ->
          method.equals("DELETE")
              ? EmulatorOperation.DELETE_DATABASE
              : EmulatorOperation.READ_DATABASE;
      case CONTAINERS ->
          isCreate(request)
              ? EmulatorOperation.CREATE_CONTAINER
              : EmulatorOperation.LIST_CONTAINERS;
      case CONTAINER ->
          switch (method) {
            case "PUT" -> EmulatorOperation.REPLACE_CONTAINER;
            case "DELETE" -> EmulatorOperation.DELETE_CONTAINER;
            default -> EmulatorOperation.READ_CONTAINER;
          };
      case DOCUMENTS -> documents(request);
      case DOCUMENT ->
          switch (method) {
            case "GET", "HEAD" -> EmulatorOperation.READ;
            case "PUT" -> EmulatorOperation.REPLACE;
            case "PATCH" -> EmulatorOperation.PATCH;
            case "DELETE" -> EmulatorOperation.DELETE;
            default -> EmulatorOperation.UNSUPPORTED;
          };
      case PARTITION_KEY_RANGES -> EmulatorOperation.READ_PARTITION_KEY_RANGES;
      case PARTITION_KEY_DELETE -> EmulatorOperation.DELETE_BY_PARTITION_KEY;
      case OFFERS -> EmulatorOperation.QUERY_OFFERS;
      case OFFER ->
          method.equals("PUT") ? EmulatorOperation.REPLACE_OFFER : EmulatorOperation.READ_OFFER;
      default -> EmulatorOperation.UNSUPPORTED;
    };
  }

  private static boolean isCreate(HttpRequest request) {
    return request.method().equals("POST") && !isQuery(request);
  }

  private static boolean isQuery(HttpRequest request) {
    String contentType = request.header("content-type");
    return request.flag("x-ms-documentdb-isquery")
        || (contentType != null && contentType.startsWith("application/query+json"));
  }

  private static EmulatorOperation documents(HttpRequest request) {
    if (request.method().equals("GET")) {
      return request.header("a-im") != null
          ? EmulatorOperation.CHANGE_FEED
          : EmulatorOperation.READ_FEED;
    }
    if (!request.method().equals("POST")) {
      return EmulatorOperation.UNSUPPORTED;
    }
    if (request.flag("x-ms-cosmos-is-batch-request")) {
      return request.flag("x-ms-cosmos-batch-atomic")
          ? EmulatorOperation.TRANSACTIONAL_BATCH
          : EmulatorOperation.BULK_BATCH;
    }
    if (request.flag("x-ms-cosmos-is-query-plan-request")) {
      return EmulatorOperation.QUERY_PLAN;
    }
    if (isQuery(request)) {
      return EmulatorOperation.QUERY;
    }
    return request.flag("x-ms-documentdb-is-upsert")
        ? EmulatorOperation.UPSERT
        : EmulatorOperation.CREATE;
  }
}
