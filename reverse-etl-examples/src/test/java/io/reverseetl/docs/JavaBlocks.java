package io.reverseetl.docs;

import com.sun.source.util.JavacTask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/**
 * Compiles Java blocks against the class path of the tests, all at once and without writing
 * anything. A block is statements, or members of a class, or a whole file; what it may take as
 * given is declared here: packages that are imported, and variables.
 */
final class JavaBlocks {
  private static final List<String> PACKAGES =
      List.of(
          "java.nio.file",
          "java.time",
          "java.util",
          "java.util.concurrent",
          "com.azure.core.credential",
          "com.azure.cosmos",
          "com.azure.cosmos.models",
          "com.azure.identity",
          "io.reverseetl",
          "io.reverseetl.azure",
          "io.reverseetl.checkpoint",
          "io.reverseetl.cosmos",
          "io.reverseetl.delta",
          "io.reverseetl.document",
          "io.reverseetl.exceptions",
          "io.reverseetl.mapping",
          "io.reverseetl.metrics",
          "io.reverseetl.ratelimit",
          "io.reverseetl.storage",
          "io.reverseetl.table",
          "io.reverseetl.testing");

  /** What every block may use; a local variable of the same name hides it. */
  private static final String VARIABLES =
      """
      String table;
      TableSource source;
      DocumentMapper mapper;
      DocumentSink sink;
      CheckpointStore checkpoints;
      CosmosAsyncDatabase shop;
      CosmosAsyncContainer products;
      Pipeline pipeline;
      """;

  /** What blocks of one page may use besides. */
  private static final Map<String, String> VARIABLES_OF_PAGES =
      Map.of(
          "docs/configuration.md", "CheckpointStore store;",
          "docs/metrics.md",
              """
              io.micrometer.core.instrument.MeterRegistry registry;
              io.micrometer.observation.ObservationRegistry observationRegistry;
              """,
          "docs/scale-out.md",
              """
              String unit;
              List<UnitResult> results;
              java.util.function.BiConsumer<byte[], byte[]> shuffle;
              List<ChangeUnitResult> reads;
              List<ChangeWriteResult> writes;
              java.util.function.IntFunction<java.util.Iterator<KeyedChange>> sharesOf;
              double total;
              int workers;
              """,
          "docs/storage.md", "String key;",
          "docs/switching.md", "record Product(String id, String name) {}");

  private final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();

  /**
   * Compiles blocks.
   *
   * @param blocks which
   * @return what is wrong with them, by line of their page; empty if nothing is
   */
  List<String> problems(List<CodeBlock> blocks) throws IOException {
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(found, null, null)) {
      String imports = imports(files);
      Map<String, Unit> units = new LinkedHashMap<>();
      for (CodeBlock block : blocks) {
        Unit unit = unit(block, imports, units.size());
        units.put(unit.toUri().toString(), unit);
      }
      if (units.isEmpty()) {
        return List.of();
      }
      task(files, found, List.copyOf(units.values())).analyze();
      return found.getDiagnostics().stream()
          .filter(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
          .map(diagnostic -> text(diagnostic, units))
          .collect(Collectors.toCollection(ArrayList::new));
    }
  }

  private JavacTask task(
      StandardJavaFileManager files,
      DiagnosticCollector<JavaFileObject> found,
      List<? extends JavaFileObject> units) {
    List<String> options =
        List.of("-proc:none", "--release", "17", "-cp", System.getProperty("java.class.path"));
    return (JavacTask) compiler.getTask(null, files, found, options, null, units);
  }

  private static String text(
      Diagnostic<? extends JavaFileObject> problem, Map<String, Unit> units) {
    JavaFileObject source = problem.getSource();
    if (source == null) {
      return problem.getMessage(null);
    }
    Unit unit = units.get(source.toUri().toString());
    long line = unit.block.line() + problem.getLineNumber() - 1 - unit.linesBefore;
    return unit.block.page() + ":" + line + ": " + problem.getMessage(null);
  }

  /** Packages that are not there yet, or no longer, are left out. */
  private static String imports(StandardJavaFileManager files) throws IOException {
    files.setLocationFromPaths(StandardLocation.CLASS_PATH, classPath());
    StringBuilder imports = new StringBuilder();
    for (String name : PACKAGES) {
      if (name.startsWith("java.")
          || files
              .list(StandardLocation.CLASS_PATH, name, Set.of(JavaFileObject.Kind.CLASS), false)
              .iterator()
              .hasNext()) {
        imports.append("import ").append(name).append(".*;");
      }
    }
    return imports.toString();
  }

  private static List<java.nio.file.Path> classPath() {
    return java.util.Arrays.stream(
            System.getProperty("java.class.path").split(java.io.File.pathSeparator))
        .map(java.nio.file.Path::of)
        .toList();
  }

  private Unit unit(CodeBlock block, String imports, int number) {
    String name = "Block" + number;
    String variables = VARIABLES + VARIABLES_OF_PAGES.getOrDefault(block.page(), "");
    String head =
        "package blocks.b" + number + ";\n" + imports + "\nclass " + name + " {\n" + variables;
    Unit statements = new Unit(name, block, head + "void block() throws Throwable {\n", "\n}\n}\n");
    Unit members = new Unit(name, block, head + "\n", "\n}\n");
    Unit file = new Unit(name, block, "", "");
    for (Unit unit : List.of(statements, members, file)) {
      if (parses(unit)) {
        return unit;
      }
    }
    return statements;
  }

  private boolean parses(Unit unit) {
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(found, null, null)) {
      task(files, found, List.of(unit)).parse();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found.getDiagnostics().stream()
        .noneMatch(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR);
  }

  /** A block with what makes a file of it. */
  private static final class Unit extends SimpleJavaFileObject {
    private final CodeBlock block;
    private final String text;
    private final long linesBefore;

    Unit(String name, CodeBlock block, String before, String after) {
      super(URI.create("block:///" + name + ".java"), Kind.SOURCE);
      this.block = block;
      this.text = before + block.text() + after;
      this.linesBefore = before.lines().count();
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
