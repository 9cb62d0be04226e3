package io.reverseetl;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JavadocTest {
  @TempDir Path folder;

  @Test
  void everythingPublicIsDocumented() throws Exception {
    assertThat(JavadocCheck.problems(Path.of("src/main/java"), folder)).isEmpty();
  }

  @Test
  void theCheckFindsWhatIsNotDocumented() throws Exception {
    Path sources = Files.createDirectory(folder.resolve("sources"));
    Path classes = Files.createDirectory(folder.resolve("classes"));
    Files.writeString(
        sources.resolve("Bare.java"),
        """
        /** A type. */
        public final class Bare {
          private Bare() {}

          /** Doubles. */
          public static int twice(int size) { return size * 2; }

          public static int half() { return 0; }
        }
        """);

    assertThat(JavadocCheck.problems(sources, classes))
        .anyMatch(line -> line.contains("no comment"))
        .anyMatch(line -> line.contains("no @param for size"));
  }
}
