package io.reverseetl.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What there is to check in a page.
 *
 * @param path where it is, from the repository's root
 * @param blocks its fenced blocks
 * @param anchors what links may point to inside of it
 * @param links where its links point to
 */
record MarkdownPage(String path, List<CodeBlock> blocks, Set<String> anchors, List<Link> links) {
  private static final Pattern FENCE = Pattern.compile("\\s*```\\s*([\\w-]*)\\s*");
  private static final Pattern HEADING = Pattern.compile("#{1,6}\\s+(.+)");
  private static final Pattern LINK = Pattern.compile("\\[[^\\]]*\\]\\(([^)\\s]+)\\)");
  private static final Pattern UNCHECKED = Pattern.compile("<!-- not checked: (.+) -->");
  private static final Pattern UNCHECKED_CODE = Pattern.compile("// (Not run by this build.*)");

  /**
   * A link.
   *
   * @param line where it stands, from 1
   * @param target as it is written
   */
  record Link(int line, String target) {}

  static MarkdownPage read(Path root, Path file) throws IOException {
    return parse(root.relativize(file).toString().replace('\\', '/'), Files.readAllLines(file));
  }

  static MarkdownPage parse(String path, List<String> lines) {
    List<CodeBlock> blocks = new ArrayList<>();
    Set<String> anchors = new HashSet<>();
    Map<String, Integer> seen = new HashMap<>();
    List<Link> links = new ArrayList<>();
    Optional<String> unchecked = Optional.empty();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      Matcher fence = FENCE.matcher(line);
      if (fence.matches()) {
        int end = i + 1;
        while (end < lines.size() && !lines.get(end).strip().equals("```")) {
          end++;
        }
        if (end == lines.size()) {
          throw new IllegalArgumentException(path + ":" + (i + 1) + ": the block has no end.");
        }
        List<String> text = lines.subList(i + 1, end);
        blocks.add(
            new CodeBlock(
                path,
                i + 2,
                fence.group(1),
                String.join("\n", text),
                unchecked.or(() -> text.stream().findFirst().flatMap(MarkdownPage::saidInCode))));
        unchecked = Optional.empty();
        i = end;
        continue;
      }
      Matcher marker = UNCHECKED.matcher(line.strip());
      if (marker.matches()) {
        unchecked = Optional.of(marker.group(1));
      } else if (!line.isBlank()) {
        unchecked = Optional.empty();
      }
      Matcher heading = HEADING.matcher(line);
      if (heading.matches()) {
        String slug = slug(heading.group(1));
        int times = seen.merge(slug, 1, Integer::sum);
        anchors.add(times == 1 ? slug : slug + "-" + (times - 1));
      }
      Matcher link = LINK.matcher(line.replaceAll("`[^`]*`", ""));
      while (link.find()) {
        links.add(new Link(i + 1, link.group(1)));
      }
    }
    return new MarkdownPage(path, blocks, anchors, links);
  }

  private static Optional<String> saidInCode(String line) {
    Matcher marker = UNCHECKED_CODE.matcher(line.strip());
    return marker.matches() ? Optional.of(marker.group(1)) : Optional.empty();
  }

  /** The anchor that the common renderers give a heading. */
  static String slug(String heading) {
    return heading
        .replaceAll("\\[([^\\]]*)\\]\\([^)]*\\)", "$1")
        .strip()
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\p{L}\\p{N} _-]", "")
        .replace(' ', '-');
  }
}
