package io.reverseetl.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.CheckpointException;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.exceptions.ReverseEtlException;
import io.reverseetl.exceptions.SwitchOutcomeUnknownException;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.exceptions.WriteException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class TaskFailureTest {
  /** Of a class that cannot be sent. */
  private static final class Foreign extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Object connection = new Object();
    private final Object handle = new Object();

    Foreign() {
      super("foreign", new IllegalStateException("deeper"));
    }

    @Override
    public String toString() {
      return "Foreign " + (connection != null && handle != null);
    }
  }

  private static TaskFailure sent(ReverseEtlException e) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(new Outcome(null, TaskFailure.of(e), true));
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return ((Outcome) in.readObject()).failure();
    }
  }

  @Test
  void everyExceptionArrivesAsItsOwnClass() throws Exception {
    Foreign cause = new Foreign();
    List<ReverseEtlException> thrown =
        List.of(
            new ConfigurationException("m", cause),
            new MappingException("price", "m", cause),
            new CheckpointConflictException("m", cause),
            new CheckpointException("m", cause),
            new ChangesUnavailableException(
                ChangesUnavailableException.Reason.FILES_VACUUMED, 7L, "m", cause),
            new TableReadException(TableReadException.Reason.UNAVAILABLE, "m", cause),
            new WriteException("m", 503, cause));

    for (ReverseEtlException e : thrown) {
      ReverseEtlException arrived = sent(e).exception();

      assertThat(arrived).hasSameClassAs(e).hasMessage("m");
      assertThat(arrived.getStackTrace()).isEqualTo(e.getStackTrace());
      assertThat(arrived.getCause()).hasToString("Foreign true");
      assertThat(arrived.getCause().getStackTrace()).isEqualTo(cause.getStackTrace());
      assertThat(arrived.getCause().getCause())
          .hasToString("java.lang.IllegalStateException: deeper");
      assertThat(arrived).usingRecursiveComparison().comparingOnlyFields(fields(e)).isEqualTo(e);
    }
  }

  private static String[] fields(ReverseEtlException e) {
    return java.util.Arrays.stream(e.getClass().getDeclaredFields())
        .map(java.lang.reflect.Field::getName)
        .filter(name -> !name.equals("serialVersionUID") && !name.startsWith("$"))
        .toArray(String[]::new);
  }

  @Test
  void anotherExceptionBecomesOneOfTheJob() throws Exception {
    ReverseEtlException arrived =
        sent(new SwitchOutcomeUnknownException("m", new Foreign())).exception();

    assertThat(arrived).isInstanceOf(SparkJobException.class).hasMessage("m");
  }

  @Test
  void onlyWhatMayGoAwayIsTriedAgain() {
    assertThat(TaskFailure.of(new ConfigurationException("m")).isFinal()).isTrue();
    assertThat(TaskFailure.of(new MappingException(null, "m")).isFinal()).isTrue();
    assertThat(TaskFailure.of(new CheckpointConflictException("m")).isFinal()).isTrue();
    assertThat(TaskFailure.of(new CheckpointException("m")).isFinal()).isFalse();
    assertThat(TaskFailure.of(new WriteException("m", null)).isFinal()).isFalse();
    assertThat(
            TaskFailure.of(new TableReadException(TableReadException.Reason.UNAVAILABLE, "m"))
                .isFinal())
        .isFalse();
  }
}
