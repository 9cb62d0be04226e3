package io.reverseetl.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.CheckpointException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileCheckpointStoreTest extends CheckpointStoreContract {
  @TempDir Path temp;
  private Path folder;
  private FileCheckpointStore store;

  @BeforeEach
  void open() {
    folder = temp.resolve("check points");
    store = FileCheckpointStore.of(folder);
  }

  @Override
  protected CheckpointStore store() {
    return store;
  }

  @Override
  protected CheckpointStore secondStore() {
    return FileCheckpointStore.of(folder);
  }

  @Test
  void makesTheFolderWithTheFirstSaveOnly() {
    store.read("orders");
    assertThat(folder).doesNotExist();

    store.create(checkpoint("orders", 1));
    assertThat(folder.resolve("orders.checkpoint.json")).isRegularFile();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ".", "..", "../orders", "a/b", "a\\b", "a b", ".hidden", "-x", "é", "a\n"})
  void refusesANameThatIsNoFileName(String name) {
    assertThatThrownBy(() -> store.read(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("letters and digits");
    assertThatThrownBy(() -> store.create(checkpoint(name, 1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> store.read("a".repeat(101)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void namesATornFileAtAnyLength() throws Exception {
    store.create(checkpoint("orders", 1));
    Path file = folder.resolve("orders.checkpoint.json");
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));

      assertThatThrownBy(() -> store.read("orders"))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining(file.toString());
    }
  }

  @Test
  void namesAFileOfZeros() throws Exception {
    store.create(checkpoint("orders", 1));
    Path file = folder.resolve("orders.checkpoint.json");
    Files.write(file, new byte[512]);

    assertThatThrownBy(() -> store.read("orders"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(file.toString());
    assertThatThrownBy(() -> store.create(checkpoint("orders", 2)))
        .isInstanceOf(CheckpointException.class)
        .isNotInstanceOf(CheckpointConflictException.class);
  }

  @Test
  void namesAFileWhoseCheckpointIsDamaged() throws Exception {
    store.create(checkpoint("orders", 1));
    Path file = folder.resolve("orders.checkpoint.json");
    Files.writeString(file, Files.readString(file).replace("\"version\"", "\"vision\""));

    assertThatThrownBy(() -> store.read("orders"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("version");
  }

  @Test
  void refusesAFileOfAnotherPipeline() throws Exception {
    store.create(checkpoint("orders", 1));
    Files.copy(
        folder.resolve("orders.checkpoint.json"), folder.resolve("customers.checkpoint.json"));

    assertThatThrownBy(() -> store.read("customers"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("orders");
  }

  @Test
  void passesOverAHalfWrittenFileOfACrash() throws Exception {
    StoredCheckpoint first = store.create(checkpoint("orders", 1));
    Files.writeString(folder.resolve("orders.checkpoint.json.new"), "{\"revi");

    assertThat(store.read("orders")).contains(first);
    store.replace(checkpoint("orders", 2), first);

    assertThat(store.read("orders").orElseThrow().checkpoint().version()).isEqualTo(2);
  }

  @Test
  void saysSoWhenTheFolderIsAFile() throws Exception {
    Files.writeString(folder, "");

    assertThatThrownBy(() -> store.create(checkpoint("orders", 1)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(folder.toString());
  }

  @Test
  void countsWithoutLossAcrossProcesses() throws Exception {
    store.create(checkpoint("orders", 0));
    List<Process> runners = List.of(startRunner(20), startRunner(20));
    Runner.replaceTimes(store, 20);
    for (Process runner : runners) {
      assertThat(runner.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(runner.exitValue()).isZero();
    }

    assertThat(store.read("orders").orElseThrow().checkpoint().version()).isEqualTo(60);
  }

  private Process startRunner(int times) throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Runner.class.getName(),
            folder.toString(),
            Integer.toString(times))
        .inheritIO()
        .start();
  }

  @Test
  void savesOnAnInterruptedThread() {
    Thread.currentThread().interrupt();
    try {
      StoredCheckpoint first = store.create(checkpoint("orders", 1));
      StoredCheckpoint second = store.replace(checkpoint("orders", 2), first);

      assertThat(store.read("orders")).contains(second);
      store.remove(second);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(store.read("orders")).isEmpty();
  }

  /** Another process that moves the checkpoint. */
  static final class Runner {
    private Runner() {}

    public static void main(String[] args) {
      replaceTimes(FileCheckpointStore.of(Path.of(args[0])), Integer.parseInt(args[1]));
    }

    static void replaceTimes(CheckpointStore store, int times) {
      for (int i = 0; i < times; ) {
        StoredCheckpoint read = store.read("orders").orElseThrow();
        try {
          store.replace(checkpoint("orders", read.checkpoint().version() + 1), read);
          i++;
        } catch (CheckpointConflictException e) {
          // The other process was faster.
        }
      }
    }
  }
}
