package io.reverseetl.exceptions;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.reverseetl.document.Rejection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** docs/errors.md has every exception and every reason, each with cause and fix, and no other. */
class ErrorsPageTest {
  private static final Pattern LISTED = Pattern.compile("\\| \\[`(\\w+)`\\]\\(#(\\w+)\\) \\|.*");
  private static final Pattern REASON = Pattern.compile("\\| `([A-Z_]+)` \\|(.*)\\|(.*)\\|");

  /** What a dead letter says where the target was not asked. */
  private static final Set<String> NOT_REFUSED = Set.of("DUPLICATE_KEY", "MAPPING");

  private static Set<Class<?>> exceptions() {
    return new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.reverseetl.exceptions")
            .stream()
            .filter(type -> type.isAssignableTo(ReverseEtlException.class))
            .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
            .filter(type -> !type.getModifiers().contains(JavaModifier.ABSTRACT))
            .map(JavaClass::reflect)
            .collect(Collectors.toSet());
  }

  /** The lines under each heading, by heading. */
  private static Map<String, List<String>> sections() throws IOException {
    Map<String, List<String>> sections = new LinkedHashMap<>();
    List<String> current = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("..", "docs", "errors.md"))) {
      if (line.startsWith("#")) {
        current = new ArrayList<>();
        sections.put(line.replaceFirst("#+ ", ""), current);
      } else if (!line.isBlank()) {
        current.add(line);
      }
    }
    return sections;
  }

  @Test
  void everyExceptionIsListedAndHasASectionWithCausesAndFixes() throws IOException {
    Map<String, List<String>> sections = sections();
    Set<String> listed = new TreeSet<>();
    for (String line : sections.get("Errors")) {
      Matcher row = LISTED.matcher(line);
      if (row.matches()) {
        assertThat(row.group(2)).isEqualTo(row.group(1).toLowerCase(Locale.ROOT));
        listed.add(row.group(1));
      }
    }

    Set<String> names =
        exceptions().stream()
            .map(Class::getSimpleName)
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(names).hasSizeGreaterThan(5);
    assertThat(listed).isEqualTo(names);
    assertThat(names)
        .allSatisfy(
            name ->
                assertThat(sections.getOrDefault(name, List.of()))
                    .as("the section %s has a row with cause and fix", name)
                    .anyMatch(line -> line.matches("\\| [^|-]+\\|.*[^ |].*\\|")));
  }

  @Test
  void everyReasonHasACauseAndAFix() throws IOException {
    Map<String, List<String>> sections = sections();
    int reasons = 0;
    for (Class<?> exception : exceptions()) {
      for (Class<?> type : exception.getDeclaredClasses()) {
        if (type.isEnum()) {
          assertThat(reasons(sections.get(exception.getSimpleName())))
              .as(exception.getSimpleName())
              .isEqualTo(names(type.getEnumConstants()));
          reasons++;
        }
      }
    }

    assertThat(reasons).isEqualTo(2);
  }

  @Test
  void everyReasonOfADeadLetterHasACauseAndAFix() throws IOException {
    Set<String> expected = names(Rejection.Reason.values());
    expected.addAll(NOT_REFUSED);

    assertThat(reasons(sections().get("Why a document is refused"))).isEqualTo(expected);
  }

  private static Set<String> names(Object... constants) {
    return Arrays.stream(constants)
        .map(constant -> ((Enum<?>) constant).name())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> reasons(List<String> lines) {
    Set<String> reasons = new TreeSet<>();
    for (String line : lines) {
      Matcher row = REASON.matcher(line);
      if (row.matches()) {
        assertThat(row.group(2)).as("cause of %s", row.group(1)).isNotBlank();
        assertThat(row.group(3)).as("fix of %s", row.group(1)).isNotBlank();
        assertThat(reasons.add(row.group(1))).as("%s stands once", row.group(1)).isTrue();
      }
    }
    return reasons;
  }
}
