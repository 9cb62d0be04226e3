package io.reverseetl.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.JavadocCheck;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparkJavadocTest {
  @TempDir Path folder;

  @Test
  void everythingPublicIsDocumented() throws Exception {
    assertThat(JavadocCheck.problems(Path.of("src/main/java"), folder)).isEmpty();
  }
}
