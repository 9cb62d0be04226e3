package io.reverseetl.docs;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The repository's pages and sources. */
final class Pages {
  /** Tests run in the folder of their module. */
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /** What is built, and data of tests. */
  private static final Set<String> LEFT_OUT = Set.of("target", "node_modules", ".git", "resources");

  private Pages() {}

  /** Every page. */
  static List<MarkdownPage> all() throws IOException {
    List<MarkdownPage> pages = new ArrayList<>();
    for (Path file : files(".md")) {
      pages.add(MarkdownPage.read(ROOT, file));
    }
    return pages;
  }

  static MarkdownPage page(String path) throws IOException {
    return MarkdownPage.read(ROOT, ROOT.resolve(path));
  }

  static Stream<CodeBlock> blocks(String... languages) throws IOException {
    Set<String> wanted = Set.of(languages);
    return all().stream()
        .flatMap(page -> page.blocks().stream())
        .filter(block -> block.unchecked().isEmpty() && wanted.contains(block.language()));
  }

  /**
   * The lines that a test computes, between {@code <!-- computed: NAME -->} and {@code <!-- end
   * -->}.
   */
  static List<String> computed(String page, String name) throws IOException {
    List<String> lines = Files.readAllLines(ROOT.resolve(page));
    int begin = lines.indexOf("<!-- computed: " + name + " -->");
    if (begin < 0) {
      throw new AssertionError(page + " has no <!-- computed: " + name + " -->");
    }
    List<String> rest = lines.subList(begin + 1, lines.size());
    return rest.subList(0, rest.indexOf("<!-- end -->")).stream()
        .filter(line -> !line.isBlank())
        .toList();
  }

  /** All files whose name ends so, in order. */
  static List<Path> files(String ending) throws IOException {
    List<Path> found = new ArrayList<>();
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return LEFT_OUT.contains(folder.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.getFileName().toString().endsWith(ending)) {
              found.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    found.sort(null);
    return found;
  }
}
