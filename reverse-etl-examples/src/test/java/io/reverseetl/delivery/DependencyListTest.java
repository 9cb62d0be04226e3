package io.reverseetl.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** docs/architecture.md names every dependency that we hand on, and why. */
class DependencyListTest {
  private static final Pattern NAME = Pattern.compile("`([^`]+)`");

  @ParameterizedTest
  @ValueSource(strings = {"reverse-etl-core", "reverse-etl-cosmos", "reverse-etl-examples"})
  void namesEachDependencyOfAModuleAndNoOther(String module) throws Exception {
    Set<String> handedOn =
        Poms.read(module).dependencies().stream()
            .filter(one -> one.scope().isEmpty() || one.scope().matches("compile|runtime"))
            .map(Poms.Dependency::artifactId)
            .collect(Collectors.toCollection(TreeSet::new));

    Set<String> named = new TreeSet<>();
    for (String[] row : rows(module)) {
      Matcher name = NAME.matcher(row[1]);
      while (name.find()) {
        named.add(name.group(1));
      }
      assertThat(row[2].strip()).as("the reason for%s", row[1]).isNotEmpty();
    }

    assertThat(named).isEqualTo(handedOn);
  }

  /** The cells of the table below the heading of a module. */
  private static List<String[]> rows(String module) throws Exception {
    List<String[]> rows = new ArrayList<>();
    boolean inSection = false;
    for (String line : Files.readAllLines(Poms.ROOT.resolve("docs/architecture.md"))) {
      if (line.startsWith("#")) {
        inSection = line.equals("### " + module);
      } else if (inSection && line.startsWith("| `")) {
        rows.add(line.split("\\|"));
      }
    }
    return rows;
  }

  @Test
  void theBillOfMaterialsNamesOurModulesInThisVersion() throws Exception {
    String version = Poms.read(".").version();
    Poms bom = Poms.read("reverse-etl-core/bom");

    assertThat(bom.hasParent()).isFalse();
    assertThat(bom.version()).isEqualTo(version);
    assertThat(bom.property("project.build.outputTimestamp"))
        .isEqualTo(Poms.read(".").property("project.build.outputTimestamp"));
    assertThat(bom.managed())
        .extracting(Poms.Dependency::artifactId, Poms.Dependency::classifier)
        .containsExactlyInAnyOrder(
            tuple("reverse-etl-core", ""),
            tuple("reverse-etl-core", "tests"),
            tuple("reverse-etl-cosmos", ""),
            tuple("reverse-etl-cosmos", "tests"),
            tuple("reverse-etl-spark", ""));
    assertThat(bom.managed())
        .extracting(Poms.Dependency::version)
        .containsOnly("${project.version}");
  }
}
