package io.reverseetl.cosmos;

import static io.reverseetl.document.DocumentSinkContract.delete;
import static io.reverseetl.document.DocumentSinkContract.upsert;
import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.cosmos.emulator.EmulatorOperation;
import io.reverseetl.cosmos.emulator.FaultRule;
import io.reverseetl.document.RecordingCallback;
import io.reverseetl.document.Rejection;
import io.reverseetl.document.WriteSession;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a session does about each answer, for one operation and for a whole request. */
class CosmosSinkAnswersIT extends FaultySinkFixture {
  @ParameterizedTest
  @CsvSource({
    "408, 0",
    "410, 0",
    "410, 1002",
    "424, 0",
    "449, 0",
    "500, 0",
    "503, 0",
    "503, 21008",
    "404, 1002",
    "404, 0",
    "403, 3"
  })
  void runsAnUpsertAgainThatWasNotApplied(int status, int subStatus) throws Exception {
    FaultRule rule =
        faults().onBatchedOperation().document("d7").times(3).status(status, subStatus);
    try (WriteSession session = sink.openSession()) {
      writeMany(session);

      assertThat(session.statistics().retried()).isGreaterThanOrEqualTo(1);
      assertThat(session.statistics().upserted()).isEqualTo(MANY);
    }
    assertThat(rule.hits()).isEqualTo(3);
    assertManyWrittenOnce();
  }

  @Test
  void runsADeleteAgainThatWasNotApplied() throws Exception {
    stored().put("{\"id\":\"7\",\"region\":\"eu\"}");
    faults().onBatchedOperation(EmulatorOperation.DELETE).times(2).status(503, 0);
    try (WriteSession session = sink.openSession()) {
      session.write(delete("7", "eu"), callback);
      session.flush();

      assertThat(session.statistics().deleted()).isEqualTo(1);
      assertThat(session.statistics().retried()).isEqualTo(2);
    }
    assertThat(stored().documentCount()).isZero();
  }

  @Test
  void runsAThrottledOperationAgainWhenTheClientHasGivenUp() throws Exception {
    FaultRule rule =
        faults()
            .onBatchedOperation()
            .document("d7")
            .times(8)
            .status(429, 3200)
            .retryAfter(Duration.ofMillis(2));
    try (WriteSession session = sink.openSession()) {
      writeMany(session);

      assertThat(session.statistics().throttled()).isEqualTo(2);
      assertThat(session.statistics().retried()).isEqualTo(2);
    }
    assertThat(rule.hits()).isEqualTo(8);
    assertManyWrittenOnce();
  }

  @ParameterizedTest
  @CsvSource({
    "400, 0, INVALID",
    "400, 1001, INVALID",
    "403, 1014, PARTITION_FULL",
    "412, 0, CONFLICT",
    "413, 0, TOO_LARGE"
  })
  void rejectsOneOperationAndWritesTheRest(int status, int subStatus, Rejection.Reason reason)
      throws Exception {
    faults().onBatchedOperation().document("d7").status(status, subStatus);
    try (WriteSession session = sink.openSession()) {
      writeMany(session);

      assertThat(session.statistics().rejected()).isEqualTo(1);
      assertThat(session.statistics().upserted()).isEqualTo(MANY - 1);
    }
    assertThat(callback.rejections()).hasSize(1);
    assertThat(callback.rejections().get(0).reason()).isEqualTo(reason);
    assertThat(callback.rejections().get(0).statusCode()).isEqualTo(status);
    assertThat(callback.rejections().get(0).message()).contains(status + "/" + subStatus);
    assertThat(stored().documentCount()).isEqualTo(MANY - 1);
  }

  @Test
  void triesAConflictOnceMoreAtTheEndOfTheFlush() throws Exception {
    faults().onBatchedOperation().document("d7").times(1).status(409);
    try (WriteSession session = sink.openSession()) {
      writeMany(session);
    }

    assertManyWrittenOnce();
    assertThat(callback.written().get(MANY - 1).key().id()).isEqualTo("d7");
  }

  @Test
  void rejectsAConflictThatStays() throws Exception {
    faults().onBatchedOperation().document("d7").status(409);
    try (WriteSession session = sink.openSession()) {
      writeMany(session);
    }

    assertThat(callback.rejections()).hasSize(1);
    assertThat(callback.rejections().get(0).reason()).isEqualTo(Rejection.Reason.CONFLICT);
    assertThat(callback.written()).hasSize(MANY - 1);
  }

  @Test
  void goesOnWithADocumentWhoseEarlierOperationConflicts() throws Exception {
    faults().onBatchedOperation().document("7").times(1).status(409);
    try (WriteSession session = sink.openSession()) {
      session.write(upsert("7", "eu", Map.of("version", 1)), callback);
      session.write(upsert("7", "eu", Map.of("version", 2)), callback);
      session.flush();
    }

    assertThat(callback.written()).hasSize(2);
    assertThat(stored().document("7", "eu").orElseThrow().get("version").intValue()).isEqualTo(2);
  }

  @Test
  void makesRoomWhenConflictsHoldAllThatMayBeInFlight() throws Exception {
    faults().onBatchedOperation().times(5).status(409);
    try (WriteSession session = builder().maxInFlightOperations(5).build().openSession()) {
      writeMany(session);
    }

    assertManyWrittenOnce();
  }

  @ParameterizedTest
  @CsvSource({
    "408, 0",
    "410, 0",
    "410, 1002",
    "429, 3200",
    "449, 0",
    "500, 0",
    "503, 0",
    "400, 0",
    "413, 0",
    "409, 0"
  })
  void writesEverythingThoughSomeRequestsAreRefused(int status, int subStatus) throws Exception {
    FaultRule rule =
        faults().onBatch().times(6).status(status, subStatus).retryAfter(Duration.ofMillis(1));
    try (WriteSession session = sink.openSession()) {
      writeMany(session);
    }
    assertThat(rule.hits()).isBetween(1L, 6L);
    assertManyWrittenOnce();
  }

  @ParameterizedTest
  @ValueSource(strings = {"drop before", "drop after", "truncate"})
  void writesEverythingThoughAnswersAreLost(String how) throws Exception {
    FaultRule rule = faults().onBatch().times(3);
    switch (how) {
      case "drop before" -> rule.beforeApply().dropConnection();
      case "drop after" -> rule.afterApply().dropConnection();
      default -> rule.truncateBody();
    }
    try (WriteSession session = sink.openSession()) {
      writeMany(session);

      assertThat(session.statistics().retried()).isGreaterThanOrEqualTo(1);
    }
    assertThat(rule.hits()).isEqualTo(3);
    assertManyWrittenOnce();
  }

  @Test
  void findsTheOneOperationThatSpoilsItsBatch() throws Exception {
    faults().onBatch().matching(request -> request.documentIds().contains("d7")).status(400);
    faults().onUpsert().document("d7").status(400);
    try (WriteSession session = sink.openSession()) {
      writeMany(session);

      assertThat(session.statistics().rejected()).isEqualTo(1);
    }
    assertThat(callback.rejections().get(0).reason()).isEqualTo(Rejection.Reason.INVALID);
    assertThat(callback.written()).hasSize(MANY - 1);
    assertThat(stored().documentCount()).isEqualTo(MANY - 1);
  }

  @Test
  void writesOnAcrossASplit() throws Exception {
    try (WriteSession session = sink.openSession()) {
      session.write(upsert("before", "r1", Map.of()), new RecordingCallback());
      session.flush();
      for (String range : List.copyOf(stored().rangeIds())) {
        stored().split(range);
      }
      writeMany(session);
    }

    assertThat(stored().documentCount()).isEqualTo(MANY + 1);
    assertThat(callback.written()).hasSize(MANY);
  }
}
