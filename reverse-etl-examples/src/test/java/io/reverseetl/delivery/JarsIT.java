package io.reverseetl.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.Pipeline;
import io.reverseetl.cosmos.CosmosDocumentSink;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

/** The jars as they are handed out. */
class JarsIT {
  private static Path jarOf(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private static String moduleName(Path jar) {
    return ModuleFinder.of(jar).findAll().iterator().next().descriptor().name();
  }

  @Test
  void haveNamesAsModules() throws Exception {
    assertThat(moduleName(jarOf(Pipeline.class))).isEqualTo("io.reverseetl");
    assertThat(moduleName(jarOf(CosmosDocumentSink.class))).isEqualTo("io.reverseetl.cosmos");
  }

  @Test
  void carryNoTimeOfTheirOwn() throws Exception {
    for (Class<?> type : List.of(Pipeline.class, CosmosDocumentSink.class)) {
      try (JarFile jar = new JarFile(jarOf(type).toFile())) {
        assertThat(jar.stream().map(JarEntry::getLastModifiedTime).distinct()).hasSize(1);
      }
    }
  }
}
