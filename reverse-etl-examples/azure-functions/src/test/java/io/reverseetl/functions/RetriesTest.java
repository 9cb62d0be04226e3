package io.reverseetl.functions;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.CheckpointException;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.exceptions.TableReadException.Reason;
import io.reverseetl.exceptions.WriteException;
import io.reverseetl.functions.Retries.FinalFailureException;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetriesTest {
  private static final Set<Reason> PASSING =
      EnumSet.of(Reason.UNAVAILABLE, Reason.FILE_CHANGED, Reason.INTERRUPTED);

  private static void assertFinal(RuntimeException failure) {
    assertThatThrownBy(() -> Retries.telling(false, () -> fail(failure)))
        .isInstanceOf(FinalFailureException.class)
        .hasCause(failure)
        .hasMessageContaining(failure.getClass().getSimpleName() + ": " + failure.getMessage());
  }

  private static void assertPassing(RuntimeException failure) {
    assertThatThrownBy(() -> Retries.telling(false, () -> fail(failure))).isSameAs(failure);
  }

  private static String fail(RuntimeException failure) {
    throw failure;
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void aTableIsReadAgainWhereTheReasonMayPass(Reason reason) {
    TableReadException failure = new TableReadException(reason, "Told by the test.");
    if (PASSING.contains(reason)) {
      assertPassing(failure);
    } else {
      assertFinal(failure);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 410, 429, 449, 500, 503})
  void aTargetThatIsBusyOrAwayIsTriedAgain(int status) {
    assertPassing(new WriteException("Told by the test.", status, null));
  }

  @Test
  void aTargetThatDoesNotAnswerIsTriedAgain() {
    assertPassing(new WriteException("Told by the test.", null));
    assertPassing(new CheckpointException("Told by the test."));
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404, 409, 412, 413})
  void aRefusalIsNotTriedAgain(int status) {
    assertFinal(new WriteException("Told by the test.", status, null));
  }

  @Test
  void whatMustBeMendedIsNotTriedAgain() {
    assertFinal(new ConfigurationException("Told by the test."));
    assertFinal(new MappingException("column", "Told by the test."));
    assertFinal(
        new ChangesUnavailableException(
            ChangesUnavailableException.Reason.FEED_OFF, 3L, "Told by the test."));
    assertFinal(new IllegalArgumentException("Told by the test."));
  }

  @Test
  void aConflictIsTriedAgainWhereALeaseMayEnd() {
    CheckpointConflictException conflict = new CheckpointConflictException("Told by the test.");

    assertFinal(conflict);
    assertThatThrownBy(() -> Retries.telling(true, () -> fail(conflict))).isSameAs(conflict);
  }
}
