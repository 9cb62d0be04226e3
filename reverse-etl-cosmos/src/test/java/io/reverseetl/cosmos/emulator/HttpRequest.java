package io.reverseetl.cosmos.emulator;

import java.util.Map;

/**
 * One HTTP request as it came from the wire.
 *
 * @param method upper-case verb
 * @param path raw path without the query string
 * @param headers names in lower case
 * @param body the whole body, empty when there is none
 */
record HttpRequest(String method, String path, Map<String, String> headers, byte[] body) {
  String header(String name) {
    return headers.get(name);
  }

  boolean flag(String name) {
    return "true".equalsIgnoreCase(headers.get(name));
  }
}
