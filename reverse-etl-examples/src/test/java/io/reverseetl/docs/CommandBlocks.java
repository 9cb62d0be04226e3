package io.reverseetl.docs;

import io.reverseetl.cli.DocumentedCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Checks the commands of pages: options are read by the real command line, and what only reads the
 * table that ships with the project is run.
 */
final class CommandBlocks {
  private static final String SHIPPED = "reverse-etl-examples/data/";
  private static final String JAR = "reverse-etl.jar";
  private static final Set<String> BUILTINS = Set.of("cd", "export");
  private static final Set<String> PHASES =
      Set.of("clean", "validate", "compile", "test", "package", "verify", "install", "deploy");

  /** Without --endpoint, load writes into an emulator that ends with the command. */
  private static final Set<String> HARMLESS =
      Set.of("snapshot", "changes", "estimate", "preview", "load");

  private final Path scratch;
  private final List<List<String>> run = new ArrayList<>();

  /** Reports and the like are written into that folder. */
  CommandBlocks(Path scratch) {
    this.scratch = scratch;
  }

  /** Which commands were run, not only read. */
  List<List<String>> run() {
    return List.copyOf(run);
  }

  List<String> problems(CodeBlock block) throws IOException {
    List<String> problems = new ArrayList<>();
    for (List<String> command : ShellCommands.of(block.text())) {
      problem(command)
          .ifPresent(problem -> problems.add(block.place() + ": " + command + ": " + problem));
    }
    return problems;
  }

  private Optional<String> problem(List<String> command) throws IOException {
    String program = command.get(0);
    List<String> args = command.subList(1, command.size());
    if (BUILTINS.contains(program)) {
      return Optional.empty();
    }
    return switch (program) {
      case "reverse-etl" -> ours(args);
      case "java" -> java(args);
      case "mvn" -> maven(args);
      default ->
          Optional.of("nobody here knows this program; write <!-- not checked: WHY --> above it");
    };
  }

  private Optional<String> java(List<String> args) {
    for (int i = 0; i < args.size(); i++) {
      String word = args.get(i);
      if (word.equals("-jar")) {
        return args.get(i + 1).endsWith(JAR)
            ? ours(args.subList(i + 2, args.size()))
            : Optional.of("this jar is not ours");
      }
      if (word.equals("-cp")) {
        return mainClass(args.get(i + 2));
      }
      if (!word.startsWith("-")) {
        return mainClass(word);
      }
    }
    return Optional.of("neither a jar nor a class");
  }

  private static Optional<String> mainClass(String name) {
    try {
      Class.forName(name, false, CommandBlocks.class.getClassLoader())
          .getMethod("main", String[].class);
      return Optional.empty();
    } catch (ReflectiveOperationException e) {
      return Optional.of(name + " has no main method: " + e);
    }
  }

  private Optional<String> ours(List<String> args) {
    Optional<String> problem = DocumentedCommand.problem(args);
    if (problem.isPresent() || !isHarmless(args)) {
      return problem;
    }
    run.add(args);
    return DocumentedCommand.failure(inPlace(args));
  }

  private static boolean isHarmless(List<String> args) {
    if (args.equals(List.of("--help"))) {
      return true;
    }
    return HARMLESS.contains(args.get(0))
        && !args.contains("--endpoint")
        && !args.contains("...")
        && args.stream().anyMatch(word -> word.startsWith(SHIPPED));
  }

  /** Pages are read in the repository's root, tests run elsewhere. */
  List<String> inPlace(List<String> args) {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < args.size(); i++) {
      boolean written = i > 0 && Set.of("--report", "--out").contains(args.get(i - 1));
      String word = args.get(i);
      words.add(
          written
              ? scratch.resolve(Path.of(word).getFileName()).toString()
              : word.startsWith(SHIPPED) ? Pages.ROOT.resolve(word).toString() : word);
    }
    if (Set.of("snapshot", "changes").contains(args.get(0)) && !args.contains("--out")) {
      words.addAll(List.of("--out", scratch.resolve("rows.jsonl").toString()));
    }
    return words;
  }

  private static Optional<String> maven(List<String> args) throws IOException {
    StringBuilder poms = new StringBuilder();
    for (Path pom : Pages.files("pom.xml")) {
      poms.append(Files.readString(pom));
    }
    for (int i = 0; i < args.size(); i++) {
      String word = args.get(i);
      if (word.equals("-pl")) {
        i++;
        for (String module : args.get(i).split(",")) {
          if (!Files.exists(Pages.ROOT.resolve(module).resolve("pom.xml"))) {
            return Optional.of("there is no module " + module);
          }
        }
      } else if (word.startsWith("-P")) {
        for (String profile : word.substring(2).split(",")) {
          if (!poms.toString().contains("<id>" + profile + "</id>")) {
            return Optional.of("there is no profile " + profile);
          }
        }
      } else if (!word.startsWith("-") && !word.contains(":") && !PHASES.contains(word)) {
        return Optional.of("there is no phase " + word + " among " + sorted(PHASES));
      }
    }
    return Optional.empty();
  }

  private static String sorted(Set<String> words) {
    return Arrays.toString(words.stream().sorted().toArray());
  }
}
