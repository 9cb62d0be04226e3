package io.reverseetl.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.reverseetl.docs.MarkdownPage.Link;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;
import org.xml.sax.helpers.DefaultHandler;

/**
 * Every page of the repository: code compiles, commands are understood, links lead somewhere.
 *
 * <p>A block that cannot be checked has {@code <!-- not checked: WHY -->} in the line above its
 * fence. A block without a language is plain text, and may hold no command.
 */
class DocumentationTest {
  /** More than this, and the check checks too little. */
  private static final int MOST_UNCHECKED = 12;

  private static final Set<String> LANGUAGES =
      Set.of("", "text", "java", "bash", "json", "yaml", "xml", "properties", "mermaid");

  private static final Pattern COMMAND =
      Pattern.compile("^(mvn|java|reverse-etl|az|curl|npm|kubectl|docker) .*");

  @Test
  void everyBlockHasALanguageThatIsChecked() throws IOException {
    assertThat(Pages.all())
        .flatExtracting(MarkdownPage::blocks)
        .filteredOn(block -> block.unchecked().isEmpty())
        .allSatisfy(block -> assertThat(LANGUAGES).as(block.place()).contains(block.language()));
  }

  @Test
  void theBlocksThatCannotBeCheckedAreFew() throws IOException {
    List<CodeBlock> unchecked =
        Pages.all().stream()
            .flatMap(page -> page.blocks().stream())
            .filter(block -> block.unchecked().isPresent())
            .toList();

    assertThat(unchecked).extracting(CodeBlock::place).hasSizeLessThanOrEqualTo(MOST_UNCHECKED);
  }

  @Test
  void everyJavaBlockCompiles() throws IOException {
    SourceCorpus sources = SourceCorpus.read();
    List<CodeBlock> blocks = Pages.blocks("java").toList();
    List<CodeBlock> loose =
        blocks.stream().filter(block -> !sources.contains(block.text())).toList();

    assertThat(loose).hasSizeGreaterThan(5).hasSizeLessThan(blocks.size());
    assertThat(new JavaBlocks().problems(loose)).isEmpty();
  }

  @Test
  void theBlocksOfTheTestingGuideStandInItsTests() throws IOException {
    SourceCorpus test =
        SourceCorpus.of(
            Path.of("src/test/java/io/reverseetl/examples/TestingGuideTest.java"),
            Path.of("src/docker/java/io/reverseetl/examples/VendorEmulatorIT.java"));

    assertThat(Pages.page("docs/testing.md").blocks())
        .filteredOn(block -> block.language().equals("java") && block.unchecked().isEmpty())
        .hasSizeGreaterThan(10)
        .allSatisfy(block -> assertThat(test.contains(block.text())).as(block.place()).isTrue());
  }

  @Test
  void everyCommandIsUnderstoodAndTheHarmlessOnesRun(@TempDir Path scratch) throws IOException {
    CommandBlocks commands = new CommandBlocks(scratch);
    List<String> problems = new ArrayList<>();
    for (CodeBlock block : Pages.blocks("bash").toList()) {
      problems.addAll(commands.problems(block));
    }

    assertThat(problems).isEmpty();
    assertThat(commands.run())
        .extracting(args -> args.get(0))
        .contains("snapshot", "changes", "estimate", "preview", "load");
  }

  @Test
  void plainTextHoldsNoCommand() throws IOException {
    assertThat(Pages.blocks("", "text"))
        .allSatisfy(
            block ->
                assertThat(block.text().lines())
                    .as(block.place())
                    .noneMatch(DocumentationTest::isCommand));
  }

  private static boolean isCommand(String line) {
    return COMMAND.matcher(line).matches();
  }

  @Test
  void everyBlockOfDataCanBeRead() throws IOException {
    List<String> problems = new ArrayList<>();
    for (CodeBlock block : Pages.blocks("json", "yaml", "xml", "properties").toList()) {
      try {
        read(block);
      } catch (Exception e) {
        problems.add(block.place() + ": " + e.getMessage());
      }
    }

    assertThat(problems).isEmpty();
  }

  private static void read(CodeBlock block) throws Exception {
    switch (block.language()) {
      case "json" -> new ObjectMapper().readTree(block.text());
      case "yaml" -> {
        try (var documents = new YAMLMapper().readerFor(Object.class).readValues(block.text())) {
          documents.readAll();
        }
      }
      case "xml" -> xml(block.text());
      default -> new Properties().load(new StringReader(block.text()));
    }
  }

  /** Blocks show a part of a file, with several elements side by side. */
  private static void xml(String text) throws Exception {
    DocumentBuilder builder = DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder();
    builder.setErrorHandler(new DefaultHandler());
    builder.parse(new InputSource(new StringReader("<root>" + text + "</root>")));
  }

  @Test
  void everyDiagramIsWellFormed() throws IOException {
    List<CodeBlock> diagrams = Pages.blocks("mermaid").toList();

    assertThat(diagrams).hasSizeGreaterThan(2);
    assertThat(diagrams)
        .allSatisfy(
            block -> assertThat(MermaidSyntax.problem(block.text())).as(block.place()).isEmpty());
  }

  @Test
  void everyLinkLeadsSomewhere() throws IOException {
    List<String> problems = new ArrayList<>();
    for (MarkdownPage page : Pages.all()) {
      for (Link link : page.links()) {
        problem(page, link.target())
            .ifPresent(problem -> problems.add(page.path() + ":" + link.line() + ": " + problem));
      }
    }

    assertThat(problems).isEmpty();
  }

  private static Optional<String> problem(MarkdownPage page, String link) throws IOException {
    if (link.matches("(https?|mailto):.*")) {
      return Optional.empty();
    }
    String[] parts = link.split("#", 2);
    Path from = Pages.ROOT.resolve(page.path());
    Path target = parts[0].isEmpty() ? from : from.resolveSibling(parts[0]).normalize();
    if (!target.startsWith(Pages.ROOT)) {
      return Optional.of(link + " leads out of the repository");
    }
    if (!Files.exists(target)) {
      return Optional.of("there is no " + link);
    }
    if (parts.length == 2
        && target.toString().endsWith(".md")
        && !MarkdownPage.read(Pages.ROOT, target).anchors().contains(parts[1])) {
      return Optional.of("there is no heading for " + link);
    }
    return Optional.empty();
  }

  @Test
  void everyPageOfTheDocumentationIsOnTheMap() throws IOException {
    List<String> listed = Pages.page("README.md").links().stream().map(Link::target).toList();

    assertThat(Pages.all())
        .extracting(MarkdownPage::path)
        .filteredOn(path -> path.matches("docs/[^/]+\\.md"))
        .hasSizeGreaterThan(10)
        .allSatisfy(path -> assertThat(listed).contains(path));
  }
}
