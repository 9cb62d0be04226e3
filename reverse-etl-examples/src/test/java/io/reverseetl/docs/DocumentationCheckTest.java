package io.reverseetl.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The checks of {@link DocumentationTest} find what is wrong. */
class DocumentationCheckTest {
  private static final String JAR = "java -jar reverse-etl-examples/target/reverse-etl.jar ";

  private static CodeBlock block(String language, String text) {
    return new CodeBlock("docs/page.md", 7, language, text, Optional.empty());
  }

  @Test
  void aBlockMayBeStatementsOrMembersOrAFile() throws IOException {
    List<String> problems =
        new JavaBlocks()
            .problems(
                List.of(
                    block("java", "long version = InitialLoader.of(pipeline).load().version();"),
                    block("java", "private static final int A = 1;\n\nint a() {\n  return A;\n}"),
                    block("java", "package shown;\n\nfinal class Shown {}")));

    assertThat(problems).isEmpty();
  }

  @Test
  void tellsTheLineOfThePageWhereAMethodIsMissing() throws IOException {
    List<String> problems =
        new JavaBlocks()
            .problems(List.of(block("java", "InitialLoader.of(pipeline)\n    .loadEverything();")));

    assertThat(problems).singleElement().asString().contains("docs/page.md:8", "loadEverything");
  }

  @Test
  void tellsWhereABlockIsNoJava() throws IOException {
    assertThat(new JavaBlocks().problems(List.of(block("java", "Pipeline pipeline = ;"))))
        .first()
        .asString()
        .startsWith("docs/page.md:7");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        JAR + "load --table t --id a --partition-key b --rows-per-second 7",
        JAR + "sync --table t",
        "reverse-etl preview --table t --id a",
        "reverse-etl load --upside-down ...",
        "java -cp x.jar io.reverseetl.bench.NoBenchmark",
        "mvn -Pslowstart verify",
        "mvn -pl reverse-etl-core,reverse-etl-kore test",
        "mvn verifiy",
        "rm -rf target",
      })
  void aWrongCommandIsFound(String command, @TempDir Path scratch) throws IOException {
    assertThat(new CommandBlocks(scratch).problems(block("bash", command))).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "COSMOS_KEY=... reverse-etl verify ...",
        "# a comment\nexport A=b # another\nmvn -q -Pquickstart verify",
        "reverse-etl poll --table ... --id a \\\n  --partition-key b --checkpoint file:x --follow",
        "cd target && " + JAR + "--help",
      })
  void aRightCommandIsUnderstood(String command, @TempDir Path scratch) throws IOException {
    assertThat(new CommandBlocks(scratch).problems(block("bash", command))).isEmpty();
  }

  @Test
  void aCommandOnTheShippedTableIsRunAndItsFailureIsTold(@TempDir Path scratch) throws IOException {
    CommandBlocks commands = new CommandBlocks(scratch);

    List<String> problems =
        commands.problems(
            block("bash", "reverse-etl snapshot --table reverse-etl-examples/data/no-such-table"));

    assertThat(commands.run()).hasSize(1);
    assertThat(problems).singleElement().asString().contains("exit code 1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "flowchart LR\n  A[one --> B",
        "flowchart LR\n  A --> B(x(y))",
        "flowchart LR\n  subgraph s [part]\n  A --> B",
        "flowchart LR\n  A --> B\n  end",
        "flowchart SIDEWAYS\n  A --> B",
        "sequenceDiagram\n  A->>B",
        "sequenceDiagram\n  loop for ever\n  A->>B: hello",
        "stateDiagram-v2\n  A -> B",
        "piechart\n  A: 1",
      })
  void aBrokenDiagramIsFound(String diagram) {
    assertThat(MermaidSyntax.problem(diagram)).isPresent();
  }

  @Test
  void aPageIsTakenApart() {
    MarkdownPage page =
        MarkdownPage.parse(
            "docs/page.md",
            List.of(
                "# One `word`, and more",
                "[a](x.md#b) and `[no](link.md)`",
                "<!-- not checked: no account -->",
                "```bash",
                "# not a heading",
                "az login",
                "```",
                "# Twice",
                "# Twice"));

    assertThat(page.anchors()).containsExactlyInAnyOrder("one-word-and-more", "twice", "twice-1");
    assertThat(page.links()).containsExactly(new MarkdownPage.Link(2, "x.md#b"));
    assertThat(page.blocks())
        .containsExactly(
            new CodeBlock(
                "docs/page.md", 5, "bash", "# not a heading\naz login", Optional.of("no account")));
  }
}
