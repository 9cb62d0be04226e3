package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerdictTest {
  @ParameterizedTest
  @CsvSource({
    "200, 0, DONE, DONE",
    "204, 0, DONE, DONE",
    "400, 0, INVALID, ISOLATE",
    "400, 1001, INVALID, ISOLATE",
    "400, 1024, RETRY, RETRY",
    "401, 0, UNAUTHORIZED, UNAUTHORIZED",
    "403, 0, UNAUTHORIZED, UNAUTHORIZED",
    "403, 3, RETRY, RETRY",
    "403, 1008, RETRY, RETRY",
    "403, 1014, PARTITION_FULL, ISOLATE",
    "404, 0, MISSING, RETRY",
    "404, 1002, RETRY, RETRY",
    "404, 1003, NO_CONTAINER, NO_CONTAINER",
    "405, 0, FATAL, FATAL",
    "408, 0, RETRY, RETRY",
    "408, 10002, RETRY, RETRY",
    "409, 0, EXISTS, ISOLATE",
    "410, 0, RETRY, RETRY",
    "410, 1002, RETRY, RETRY",
    "412, 0, UNMET, ISOLATE",
    "413, 0, TOO_LARGE, ISOLATE",
    "424, 0, RETRY, RETRY",
    "429, 3200, THROTTLED, THROTTLED",
    "429, 10005, THROTTLED, THROTTLED",
    "449, 0, RETRY, RETRY",
    "500, 0, RETRY, RETRY",
    "502, 0, RETRY, RETRY",
    "503, 10001, RETRY, RETRY",
    "504, 0, RETRY, RETRY",
    "0, 0, RETRY, RETRY",
    "-1, -1, RETRY, RETRY"
  })
  void judgesAnAnswer(int status, int subStatus, Verdict alone, Verdict inBatch) {
    assertThat(Verdict.of(answer(Answer.Scope.OPERATION, status, subStatus))).isEqualTo(alone);
    assertThat(Verdict.of(answer(Answer.Scope.BATCH, status, subStatus))).isEqualTo(inBatch);
  }

  @Test
  void runsAnOperationAgainThatGotNoAnswer() {
    assertThat(Verdict.of(Answer.none())).isEqualTo(Verdict.RETRY);
    assertThat(Verdict.of(Answer.of(Answer.Scope.BATCH, new IllegalStateException("closed"))))
        .isEqualTo(Verdict.RETRY);
  }

  private static Answer answer(Answer.Scope scope, int status, int subStatus) {
    return new Answer(scope, status, subStatus, 0, Duration.ZERO, null, null, null);
  }
}
