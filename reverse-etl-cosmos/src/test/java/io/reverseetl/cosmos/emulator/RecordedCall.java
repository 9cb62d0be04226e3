package io.reverseetl.cosmos.emulator;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;

/**
 * One request and its answer's status, from the {@link CallLog}.
 *
 * @param number position in the order of completion, from 1
 * @param at when the answer was ready, by the emulator's clock
 * @param operation what was asked for
 * @param method upper-case HTTP verb
 * @param path raw path without the query string
 * @param headers request headers, names in lower case
 * @param body request body; empty unless bodies are recorded
 * @param status HTTP status, 0 when no answer was sent
 * @param subStatus 0 when there was none
 * @param requestCharge request units of the answer
 */
public record RecordedCall(
    long number,
    Instant at,
    EmulatorOperation operation,
    String method,
    String path,
    Map<String, String> headers,
    byte[] body,
    int status,
    int subStatus,
    double requestCharge) {

  /** The body as text. */
  public String bodyText() {
    return new String(body, StandardCharsets.UTF_8);
  }
}
