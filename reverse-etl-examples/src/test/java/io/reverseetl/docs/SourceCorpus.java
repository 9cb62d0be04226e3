package io.reverseetl.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Java sources that the build compiles; a page may show a part of one, indented otherwise. */
final class SourceCorpus {
  private final List<String> sources;

  private SourceCorpus(List<String> sources) {
    this.sources = sources;
  }

  static SourceCorpus read() throws IOException {
    return of(Pages.files(".java").toArray(Path[]::new));
  }

  static SourceCorpus of(Path... files) throws IOException {
    List<String> sources = new ArrayList<>();
    for (Path file : files) {
      sources.add(bare(Files.readString(file)));
    }
    return new SourceCorpus(sources);
  }

  boolean contains(String block) {
    String wanted = bare(block);
    return sources.stream().anyMatch(source -> source.contains(wanted));
  }

  private static String bare(String text) {
    return text.replaceAll("\\s+", "");
  }
}
