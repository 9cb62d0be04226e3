package io.reverseetl.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Holds docs/type-mapping.md and the tests together. */
class TypeMappingDocumentTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "type-mapping.md");
  private static final Map<String, Class<?>> TESTS =
      Map.of(
          "TypeMappingTest", TypeMappingTest.class,
          "DocumentIdTest", DocumentIdTest.class,
          "PartitionKeyTest", PartitionKeyTest.class,
          "ColumnMapperTest", ColumnMapperTest.class);

  @Test
  void everyLineOfEveryTableNamesATest() throws IOException {
    Set<String> methods = Set.of();
    int lines = 0;
    for (String line : Files.readAllLines(DOCUMENT)) {
      Matcher header = Pattern.compile("\\| test \\(`(\\w+)`\\) \\|$").matcher(line);
      if (header.find()) {
        methods = methods(header.group(1));
      } else if (line.startsWith("|") && !line.startsWith("| ---")) {
        List<String> cells = List.of(line.split("\\|"));
        assertThat(methods).as(line).contains(cells.get(cells.size() - 1).strip().replace("`", ""));
        lines++;
      }
    }
    assertThat(lines).isGreaterThan(70);
  }

  @Test
  void everyTestOfTypesIsALine() throws IOException {
    String document = Files.readString(DOCUMENT);
    for (String test : List.of("TypeMappingTest", "DocumentIdTest", "PartitionKeyTest")) {
      assertThat(methods(test)).allMatch(name -> document.contains("`" + name + "`"));
    }
  }

  private static Set<String> methods(String test) {
    return Arrays.stream(TESTS.get(test).getDeclaredMethods())
        .filter(method -> method.isAnnotationPresent(Test.class))
        .map(Method::getName)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
