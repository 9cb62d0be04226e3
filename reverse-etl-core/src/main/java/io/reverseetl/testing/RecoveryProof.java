package io.reverseetl.testing;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.document.DocumentKey;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What {@link PipelineTester.Builder#proveRecovery} tried; that it returned says that each of them
 * ended with the same documents.
 *
 * @param writes how many writes failed, one in each time
 * @param saves how many saves of the checkpoint failed, twice each: without effect, and with the
 *     answer lost
 */
public record RecoveryProof(int writes, int saves) {

  /** How a scenario ended. */
  private record End(
      Map<DocumentKey, Map<String, @Nullable Object>> documents, Optional<Long> version) {
    static End of(PipelineTester tester) {
      return new End(
          tester.documents(),
          tester.checkpoints().checkpoint(tester.pipeline().name()).map(Checkpoint::version));
    }
  }

  static RecoveryProof of(
      Supplier<PipelineTester> testers, Consumer<? super PipelineTester> scenario) {
    PipelineTester undisturbed = testers.get();
    scenario.accept(undisturbed);
    End expected = End.of(undisturbed);
    int writes = undisturbed.sink().operations().size();
    int saves = undisturbed.checkpoints().saves().size();
    for (int i = 1; i <= writes; i++) {
      int nth = i;
      play(testers, scenario, expected, tester -> tester.failWrite(nth), "write " + nth);
    }
    for (int i = 1; i <= saves; i++) {
      int nth = i;
      play(testers, scenario, expected, tester -> tester.failSave(nth), "save " + nth);
      play(
          testers,
          scenario,
          expected,
          tester -> tester.loseAnswerOfSave(nth),
          "the answer of save " + nth);
    }
    return new RecoveryProof(writes, saves);
  }

  private static void play(
      Supplier<PipelineTester> testers,
      Consumer<? super PipelineTester> scenario,
      End expected,
      Consumer<PipelineTester> script,
      String failure) {
    PipelineTester tester = testers.get();
    tester.startAgainAfterAFailure();
    script.accept(tester);
    try {
      scenario.accept(tester);
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError(
          "The scenario does not end as before when " + failure + " fails: see the cause.", e);
    }
    End end = End.of(tester);
    if (!end.equals(expected)) {
      throw new AssertionError(
          "When "
              + failure
              + " fails and the run is started again, "
              + difference(expected, end)
              + ". A mapper must be a function of its row.");
    }
  }

  private static String difference(End expected, End end) {
    if (!end.version().equals(expected.version())) {
      return "the checkpoint is at version "
          + end.version().map(String::valueOf).orElse("none")
          + " instead of "
          + expected.version().map(String::valueOf).orElse("none");
    }
    Set<DocumentKey> missing = new HashSet<>(expected.documents().keySet());
    missing.removeAll(end.documents().keySet());
    Set<DocumentKey> extra = new HashSet<>(end.documents().keySet());
    extra.removeAll(expected.documents().keySet());
    long changed =
        end.documents().entrySet().stream()
            .filter(document -> expected.documents().containsKey(document.getKey()))
            .filter(
                document ->
                    !document.getValue().equals(expected.documents().get(document.getKey())))
            .count();
    return missing.size()
        + " documents are missing, "
        + extra.size()
        + " are too many and "
        + changed
        + " say something else";
  }
}
