package io.reverseetl.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What every {@link LakeStorage} must do. For subclasses, which bring one. */
public abstract class LakeStorageContract {
  /** For subclasses. */
  protected LakeStorageContract() {}

  /**
   * The storage.
   *
   * @return the same for all calls of one test
   */
  protected abstract LakeStorage storage();

  /**
   * An empty folder.
   *
   * @return its URI, as people write it; another for each test
   */
  protected abstract String folder();

  /**
   * Writes a file.
   *
   * @param path its path below {@link #folder}
   * @param bytes what is in it
   */
  protected abstract void write(String path, byte[] bytes) throws IOException;

  private static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    new Random(count).nextBytes(bytes);
    return bytes;
  }

  private List<String> namesFrom(String path) throws IOException {
    String root = storage().resolve(folder());
    List<String> names = new ArrayList<>();
    Iterator<StoredFile> files = storage().listFrom(storage().resolve(folder() + "/" + path));
    while (files.hasNext()) {
      String name = files.next().path();
      assertThat(name).startsWith(root + "/");
      names.add(name.substring(root.length() + 1));
    }
    return names;
  }

  @Test
  void aResolvedPathStaysAsItIs() {
    String path = storage().resolve(folder() + "/a b/c+d/");

    assertThat(storage().resolve(path)).isEqualTo(path);
    assertThat(path).endsWith("/a b/c+d").contains(":/");
  }

  @Test
  void listsFromANameOnWhateverLiesBelowAFolder() throws IOException {
    for (String name : List.of("log/b", "log/a", "log/a!", "log/c/deep", "log/~", "log/B", "z")) {
      write(name, bytes(3));
    }

    assertThat(namesFrom("log/a")).containsExactly("log/a", "log/a!", "log/b", "log/c", "log/~");
    assertThat(namesFrom("log/b0")).containsExactly("log/c", "log/~");
    assertThat(namesFrom("log/~~")).isEmpty();
    assertThat(namesFrom("log/!")).hasSize(6);
  }

  @Test
  void listsManyCommitsFromAnyVersionOn() throws IOException {
    List<String> commits = new ArrayList<>();
    for (int version = 95; version < 125; version++) {
      String name = "log/%020d.json".formatted(version);
      commits.add(name);
      write(name, bytes(2));
    }
    write("log/_last_checkpoint", bytes(2));
    write("log/%020d.checkpoint.parquet".formatted(98), bytes(2));

    for (int version = 90; version < 126; version++) {
      String from = "log/%020d.json".formatted(version);
      assertThat(namesFrom(from))
          .as("from %s", version)
          .filteredOn(name -> name.endsWith(".json"))
          .containsExactlyElementsOf(
              commits.stream().filter(name -> name.compareTo(from) >= 0).toList());
    }
  }

  @Test
  void aFolderThatIsNotThereIsEmpty() throws IOException {
    assertThat(namesFrom("nothing/here")).isEmpty();
  }

  @Test
  void tellsSizeAndTimeOfAFile() throws IOException {
    write("some file.bin", bytes(1234));
    String path = storage().resolve(folder() + "/some file.bin");

    StoredFile file = storage().find(path);

    assertThat(file.path()).isEqualTo(path);
    assertThat(file.size()).isEqualTo(1234);
    assertThat(file.modified()).isAfter(Instant.parse("2020-01-01T00:00:00Z"));
    assertThat(storage().listFrom(path).next()).isEqualTo(file);
  }

  @Test
  void tellsTheStateOfAFileAlikeWhereverItIsAskedFor() throws IOException {
    write("stated", bytes(100));
    String path = storage().resolve(folder() + "/stated");
    String first = storage().find(path).state();
    assertThat(first).isNotNull().isEqualTo(storage().read(path, 0, 10, null).state());
    assertThat(storage().listFrom(path).next().state()).isEqualTo(first);

    write("stated", bytes(100));

    String second = storage().find(path).state();
    assertThat(second).isNotEqualTo(first);
    assertThat(storage().listFrom(path).next().state()).isEqualTo(second);
    assertThat(storage().read(path, 0, 10, second).bytes()).hasSize(10);
  }

  @Test
  void readsRangesAndStopsAtTheEnd() throws IOException {
    byte[] all = bytes(100_000);
    write("data", all);
    String path = storage().resolve(folder() + "/data");

    assertThat(storage().read(path, 0, 100_000, null).bytes()).isEqualTo(all);
    assertThat(storage().read(path, 99_990, 10, null).bytes())
        .isEqualTo(Arrays.copyOfRange(all, 99_990, 100_000));
    assertThat(storage().read(path, 99_990, 50, null).bytes())
        .isEqualTo(Arrays.copyOfRange(all, 99_990, 100_000));
    assertThat(storage().read(path, 100_000, 5, null).bytes()).isEmpty();
    assertThat(storage().read(path, 70_001, 1, null).bytes()).containsExactly(all[70_001]);
  }

  @Test
  void readsRangesOfOneStateOnlyOrSaysThatTheFileWasWrittenAgain() throws IOException {
    byte[] first = bytes(60_000);
    byte[] second = bytes(60_000);
    second[40_000]++;
    write("again", first);
    String path = storage().resolve(folder() + "/again");
    String state = storage().read(path, 0, 10, null).state();
    StoredRange rest = storage().read(path, 30_000, 30_000, state);
    assertThat(rest.bytes()).isEqualTo(Arrays.copyOfRange(first, 30_000, 60_000));
    assertThat(rest.state()).isNotNull().isEqualTo(state);

    write("again", second);

    assertThatThrownBy(() -> storage().read(path, 30_000, 30_000, state))
        .isInstanceOf(FileChangedException.class);
    StoredRange now = storage().read(path, 30_000, 30_000, null);
    assertThat(now.bytes()).isEqualTo(Arrays.copyOfRange(second, 30_000, 60_000));
    assertThat(now.state()).isNotEqualTo(state);
    assertThat(storage().read(path, 0, 5, now.state()).bytes()).hasSize(5);

    write("again", bytes(10));

    assertThatThrownBy(() -> storage().read(path, 30_000, 10, now.state()))
        .isInstanceOf(FileChangedException.class);
  }

  @Test
  void anEmptyFileHasNoBytes() throws IOException {
    write("empty", new byte[0]);
    String path = storage().resolve(folder() + "/empty");

    assertThat(storage().read(path, 0, 10, null).bytes()).isEmpty();
    assertThat(storage().find(path).size()).isZero();
  }

  @Test
  void namesMayHoldWhatHasAMeaningInUrls() throws IOException {
    for (String name : List.of("p=a b/1%2F.x", "p=ü€/2?.x", "p=#/3+.x", "p=%41/4&.x")) {
      write(name, name.getBytes(java.nio.charset.StandardCharsets.UTF_8));
      String path = storage().resolve(folder()) + "/" + name;

      assertThat(storage().read(path, 0, 100, null).bytes()).asString().isEqualTo(name);
      assertThat(storage().find(path).path()).isEqualTo(path);
      assertThat(storage().listFrom(path).next().path()).isEqualTo(path);
    }
  }

  @Test
  void aFileThatIsNotThereIsNotFound() {
    String path = storage().resolve(folder() + "/missing");

    assertThatThrownBy(() -> storage().find(path)).isInstanceOf(FileNotFoundException.class);
    assertThatThrownBy(() -> storage().read(path, 0, 1, null))
        .isInstanceOf(FileNotFoundException.class);
  }

  @Test
  void refusesUrisOfOtherStorages() {
    assertThatThrownBy(() -> storage().resolve("other-scheme://somewhere/table"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void servesSeveralThreads() throws Exception {
    byte[] all = bytes(50_000);
    write("shared", all);
    String path = storage().resolve(folder() + "/shared");
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<byte[]>> reads = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        int from = i * 1000;
        reads.add(threads.submit(() -> storage().read(path, from, 1000, null).bytes()));
      }
      for (int i = 0; i < 40; i++) {
        assertThat(reads.get(i).get())
            .isEqualTo(Arrays.copyOfRange(all, i * 1000, i * 1000 + 1000));
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
