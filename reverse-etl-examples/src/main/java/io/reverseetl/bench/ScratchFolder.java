package io.reverseetl.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A temporary folder that goes away with everything in it.
 *
 * @param path where it is
 */
record ScratchFolder(Path path) implements AutoCloseable {

  static ScratchFolder create() throws IOException {
    return new ScratchFolder(Files.createTempDirectory("reverse-etl-bench"));
  }

  @Override
  public void close() throws IOException {
    List<Path> found;
    try (Stream<Path> all = Files.walk(path)) {
      found = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : found) {
      Files.delete(each);
    }
  }
}
