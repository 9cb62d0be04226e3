package io.reverseetl.reduce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.document.DocumentKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyFingerprintsTest {
  @TempDir private Path folder;

  private long files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.count();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 1_000, 5_000, 100_000})
  void findsWhatWasAddedMoreThanOnceInMemoryAndOnDisk(int budget) {
    Random random = new Random(budget);
    Map<Long, Integer> counts = new HashMap<>();
    try (KeyFingerprints keys = new KeyFingerprints(folder, budget)) {
      KeyFingerprints.Buffer one = new KeyFingerprints.Buffer(keys);
      KeyFingerprints.Buffer other = new KeyFingerprints.Buffer(keys);
      for (int i = 0; i < 20_000; i++) {
        long hash = i < 3 ? new long[] {Long.MIN_VALUE, -1, 0}[i] : random.nextInt(60_000) - 30_000;
        counts.merge(hash, 1, Integer::sum);
        (random.nextBoolean() ? one : other).add(hash);
      }
      one.flush();
      other.flush();
      long[] expected =
          counts.entrySet().stream()
              .filter(entry -> entry.getValue() > 1)
              .mapToLong(Map.Entry::getKey)
              .sorted()
              .toArray();

      assertThat(keys.isSpilled()).isEqualTo(budget <= 20_000);
      assertThat(keys.repeated(null, Integer.MAX_VALUE)).isEqualTo(expected);
      LongStream.Builder inPieces = LongStream.builder();
      Long after = null;
      for (long[] piece = keys.repeated(after, 100);
          piece.length > 0;
          piece = keys.repeated(after, 100)) {
        LongStream.of(piece).forEach(inPieces);
        after = piece[piece.length - 1];
      }
      assertThat(inPieces.build().toArray()).isEqualTo(expected);
    }
  }

  @Test
  void findsNothingInNothing() {
    try (KeyFingerprints keys = new KeyFingerprints(folder, 10)) {
      assertThat(keys.repeated(null, 10)).isEmpty();
      keys.add(new long[] {5}, 1);
      assertThat(keys.repeated(null, 10)).isEmpty();
    }
  }

  @Test
  void leavesNoFile() throws IOException {
    KeyFingerprints keys = new KeyFingerprints(folder, 2);
    keys.add(new long[] {1, 2, 3, 1}, 4);
    assertThat(files()).isEqualTo(1);

    keys.close();
    keys.close();

    assertThat(files()).isZero();
  }

  @Test
  void saysThatTheDiskIsInTheWay() throws IOException {
    Path file = Files.createFile(folder.resolve("no-folder"));
    try (KeyFingerprints keys = new KeyFingerprints(file, 2)) {
      assertThatThrownBy(() -> keys.add(new long[] {1, 2, 3}, 3))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("spillFolder");
    }
  }

  @Test
  void hashesKeysThatLookAlikeApart() {
    Set<Long> hashes = new HashSet<>();
    Object[] levels = {
      "", "a", "b", "1", "true", "null", null, DocumentKey.ABSENT, true, false, 0.0, 1.0, -1.0
    };
    int keys = 0;
    for (String id : new String[] {"", "a", "b", "ab", "ba", "1"}) {
      for (Object first : levels) {
        hashes.add(KeyCodec.longHash(DocumentKey.of(id, first)));
        keys++;
        for (Object second : levels) {
          hashes.add(KeyCodec.longHash(DocumentKey.of(id, first, second)));
          keys++;
        }
      }
    }
    for (int i = 0; i < 200_000; i++) {
      hashes.add(KeyCodec.longHash(DocumentKey.of("customer-" + i, "region-" + i % 7)));
      keys++;
    }

    assertThat(hashes).hasSize(keys);
    assertThat(KeyCodec.longHash(DocumentKey.of("x", 1, null)))
        .isEqualTo(KeyCodec.longHash(DocumentKey.of("x", 1.0, null)));
  }

  @Test
  void writesAndReadsItsFileOnAnInterruptedThread() {
    try (KeyFingerprints keys = new KeyFingerprints(folder, 4)) {
      Thread.currentThread().interrupt();
      try {
        keys.add(new long[] {5, 3, 5, 1, 9, 3, 7, 8}, 8);

        assertThat(keys.repeated(null, 10)).containsExactly(3, 5);
      } finally {
        assertThat(Thread.interrupted()).isTrue();
      }
    }
  }
}
