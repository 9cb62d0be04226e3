package io.reverseetl.reduce;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReducerTest {
  private static final long PLENTY = 1L << 30;

  @TempDir private Path folder;
  private final List<String> duplicates = new ArrayList<>();

  @Test
  void hazard1TheLaterCommitWins() {
    Reducer reducer = reducer(PLENTY);

    reducer.live(3, document("a", 1), null);
    reducer.gone(4, document("a", 1));
    reducer.live(4, document("a", 2), null);
    reducer.gone(5, document("a", 2));
    reducer.live(7, document("b", 1), null);
    reducer.gone(8, document("b", 1));
    reducer.live(9, document("b", 2), null);

    assertThat(results(reducer)).containsExactly("DELETE a@5", "UPSERT b=2@9");
  }

  @Test
  void hazard2InsideACommitARowThatStandsBeatsOneThatWent() {
    for (boolean liveFirst : new boolean[] {true, false}) {
      Reducer reducer = reducer(PLENTY);
      if (liveFirst) {
        reducer.live(3, document("a", 2), null);
      }
      reducer.gone(3, document("a", 1));
      if (!liveFirst) {
        reducer.live(3, document("a", 2), null);
      }

      assertThat(results(reducer)).containsExactly("UPSERT a=2@3");
    }
  }

  @Test
  void hazard2TwoDifferentRowsForOneDocumentAreDuplicates() {
    Reducer reducer = reducer(PLENTY);

    reducer.live(2, document("a", 0), null);
    reducer.live(3, document("a", 1), null);
    reducer.live(3, document("a", 2), null);
    reducer.live(3, document("b", 1), null);
    reducer.live(3, document("b", 1), null);

    assertThat(results(reducer)).containsExactly("UPSERT a=0@2", "UPSERT b=1@3");
    assertThat(duplicates).containsExactly("a@3 x2");
  }

  @Test
  void hazard2TheGreatestValueOfTheOrderingColumnWins() {
    Reducer reducer = reducer(PLENTY);

    reducer.live(3, document("a", 1), order(10));
    reducer.live(3, document("a", 3), order(30));
    reducer.live(3, document("a", 2), order(20));
    reducer.live(3, document("a", 0), null);
    reducer.live(3, document("b", 1), order(10));
    reducer.live(3, document("b", 2), order(10));

    assertThat(results(reducer)).containsExactly("UPSERT a=3@3");
    assertThat(duplicates).containsExactly("b@3 x2");
  }

  @Test
  void hazard3APreimageIsNeverWritten() {
    Reducer reducer = reducer(PLENTY);

    reducer.gone(3, document("a", 1));
    reducer.live(3, document("a", 2), null);

    assertThat(results(reducer)).noneMatch(result -> result.contains("=1"));
  }

  @Test
  void hazard5AChangedKeyDeletesTheOldDocumentUnlessAnotherRowTookItsPlace() {
    Reducer reducer = reducer(PLENTY);

    reducer.gone(3, document("old", 1));
    reducer.live(3, document("new", 1), null);
    reducer.gone(4, document("left", 1));
    reducer.live(4, document("moved", 1), null);
    reducer.gone(4, document("other", 7));
    reducer.live(4, document("left", 7), null);

    assertThat(results(reducer))
        .containsExactlyInAnyOrder(
            "DELETE old@3",
            "UPSERT new=1@3",
            "UPSERT moved=1@4",
            "UPSERT left=7@4",
            "DELETE other@4");
  }

  @Test
  void hazard29AnUnchangedDocumentIsNotWritten() {
    Reducer reducer = reducer(PLENTY);

    reducer.gone(3, document("carried", 1));
    reducer.live(3, document("carried", 1), null);
    reducer.gone(3, document("back", 1));
    reducer.live(3, document("back", 2), null);
    reducer.gone(5, document("back", 2));
    reducer.live(5, document("back", 1), null);
    reducer.live(3, document("new", 1), null);
    reducer.gone(4, document("new", 1));
    reducer.live(4, document("new", 1), null);

    assertThat(results(reducer))
        .containsExactlyInAnyOrder("UNCHANGED carried=1@3", "UNCHANGED back=1@5", "UPSERT new=1@4");
  }

  @Test
  void doesNotTrustAPreimageThatIsNotTheOnlyOne() {
    Reducer reducer = reducer(PLENTY);

    reducer.gone(3, document("a", 1));
    reducer.gone(3, document("a", 2));
    reducer.live(3, document("a", 1), null);

    assertThat(results(reducer)).containsExactly("UPSERT a=1@3");
  }

  @Test
  void hazard28TheResultDoesNotDependOnTheOrderInsideACommitOrOnMemory() throws Exception {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      List<List<Change>> commits = randomCommits(random);
      duplicates.clear();
      List<String> expected = results(fed(reducer(PLENTY), commits));
      List<String> expectedDuplicates = sorted(duplicates);

      commits.forEach(commit -> Collections.shuffle(commit, random));
      duplicates.clear();
      long budget = 100 + random.nextInt(20_000);
      List<String> spilled = results(fed(reducer(budget), commits));

      assertThat(spilled).as("seed " + seed).isEqualTo(expected);
      assertThat(sorted(duplicates)).as("seed " + seed).isEqualTo(expectedDuplicates);
    }
    assertThat(filesLeft()).isZero();
  }

  @Test
  void keepsTheLastImageOfADeletedDocumentWhereAsked() throws Exception {
    for (long budget : new long[] {PLENTY, 1}) {
      Reducer reducer =
          new Reducer(budget, folder, true, Digest.ofBytes(), (version, key, rivals) -> {});
      reducer.gone(3, document("a", 7));
      reducer.gone(3, document("a", 5));
      reducer.complete();

      List<String> images = new ArrayList<>();
      for (int i = 0; i < Reducer.CHUNKS; i++) {
        reducer.forEach(i, true, result -> images.add(result.upserted().text()));
      }
      reducer.close();

      assertThat(images).containsExactly("{\"id\":\"a\",\"n\":7}");
    }
  }

  @Test
  void keysSurviveTheDisk() throws Exception {
    List<DocumentKey> keys =
        List.of(
            DocumentKey.of("a", "x"),
            DocumentKey.of("a", (Object) null),
            DocumentKey.of("a", DocumentKey.ABSENT),
            DocumentKey.of("a", true, false, 1.5),
            DocumentKey.of("é你\uD83D\uDE00", "y".repeat(70_000), 0.0));
    Reducer reducer = reducer(1);
    for (DocumentKey key : keys) {
      reducer.live(1, Document.ofJson(key, "{}".getBytes(StandardCharsets.UTF_8)), null);
    }
    reducer.complete();

    List<DocumentKey> found = new ArrayList<>();
    for (int i = 0; i < Reducer.CHUNKS; i++) {
      reducer.forEach(i, true, result -> found.add(result.key()));
    }
    reducer.close();

    assertThat(found).containsExactlyInAnyOrderElementsOf(keys);
  }

  private record Change(long version, boolean live, Document document, OrderValue order) {}

  private static List<List<Change>> randomCommits(Random random) {
    Map<String, Integer> table = new TreeMap<>();
    List<List<Change>> commits = new ArrayList<>();
    int keys = 1 + random.nextInt(40);
    for (long version = 1; version <= 1 + random.nextInt(8); version++) {
      List<Change> commit = new ArrayList<>();
      for (int i = 0; i < random.nextInt(60); i++) {
        String id = "k" + random.nextInt(keys);
        if (commit.stream().anyMatch(change -> change.document().key().id().equals(id))
            && random.nextInt(10) > 0) {
          continue;
        }
        Integer before = table.get(id);
        if (before != null) {
          commit.add(new Change(version, false, document(id, before), null));
          table.remove(id);
        }
        if (before == null || random.nextBoolean()) {
          int value = random.nextInt(3);
          commit.add(new Change(version, true, document(id, value), null));
          table.put(id, value);
        }
      }
      commits.add(commit);
    }
    return commits;
  }

  private static Reducer fed(Reducer reducer, List<List<Change>> commits) {
    for (List<Change> commit : commits) {
      for (Change change : commit) {
        if (change.live()) {
          reducer.live(change.version(), change.document(), change.order());
        } else {
          reducer.gone(change.version(), change.document());
        }
      }
    }
    return reducer;
  }

  private Reducer reducer(long budget) {
    return new Reducer(
        budget,
        folder,
        false,
        Digest.ofBytes(),
        (version, key, rivals) -> duplicates.add(key.id() + "@" + version + " x" + rivals.size()));
  }

  private static List<String> results(Reducer reducer) {
    reducer.complete();
    List<String> results = new ArrayList<>();
    try (reducer) {
      for (int i = 0; i < Reducer.CHUNKS; i++) {
        reducer.forEach(
            i,
            true,
            result ->
                results.add(
                    result.kind()
                        + " "
                        + result.key().id()
                        + (result.kind() == Reduced.Kind.DELETE
                            ? ""
                            : result.upserted().text().replaceAll(".*\"n\":(\\d+).*", "=$1"))
                        + "@"
                        + result.version()));
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return sorted(results);
  }

  private static List<String> sorted(List<String> lines) {
    return lines.stream().sorted(java.util.Comparator.comparing(l -> l.split(" ", -1)[1])).toList();
  }

  private static OrderValue order(int value) {
    return new OrderValue.Numeric(BigDecimal.valueOf(value));
  }

  private static Document document(String id, int n) {
    return Document.ofJson(
        DocumentKey.of(id, "eu"),
        ("{\"id\":\"" + id + "\",\"n\":" + n + "}").getBytes(StandardCharsets.UTF_8));
  }

  private long filesLeft() throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.count();
    }
  }
}
