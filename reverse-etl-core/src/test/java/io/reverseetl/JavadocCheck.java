package io.reverseetl;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Finds what is wrong with the Javadoc of public and protected elements, as the compiler's {@code
 * -Xdoclint:all/protected} tells. It runs here and not while compiling since doclint of JDK 17 also
 * wants the parameters of a record's compact constructor described again, and cannot be told apart
 * from what matters by an option.
 */
public final class JavadocCheck {
  private JavadocCheck() {}

  /**
   * Looks at sources.
   *
   * @param sources the folder of their packages
   * @param classes an empty folder for what the compiler makes
   * @return what is wrong, one line each
   */
  public static List<String> problems(Path sources, Path classes) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    try (StandardJavaFileManager files =
        compiler.getStandardFileManager(found, Locale.ROOT, StandardCharsets.UTF_8)) {
      List<String> options =
          List.of(
              "-proc:none",
              "-Xdoclint:all/protected",
              "-Xdoclint/package:-io.reverseetl.reduce", // Public, but no API.
              "-Xmaxwarns",
              "10000",
              "-d",
              classes.toString(),
              "-classpath",
              System.getProperty("java.class.path"));
      compiler
          .getTask(
              null, files, found, options, null, files.getJavaFileObjectsFromPaths(java(sources)))
          .call();
      List<String> problems = new ArrayList<>();
      for (Diagnostic<? extends JavaFileObject> one : found.getDiagnostics()) {
        if (one.getKind() != Diagnostic.Kind.NOTE && !isOfCompactConstructor(one)) {
          problems.add(one.toString());
        }
      }
      return problems;
    }
  }

  private static List<Path> java(Path sources) throws IOException {
    try (Stream<Path> all = Files.walk(sources)) {
      return all.filter(file -> file.toString().endsWith(".java")).toList();
    }
  }

  private static boolean isOfCompactConstructor(Diagnostic<? extends JavaFileObject> one) {
    JavaFileObject source = one.getSource();
    if (source == null || !one.getMessage(Locale.ROOT).startsWith("no @param for ")) {
      return false;
    }
    try {
      List<String> lines = source.getCharContent(true).toString().lines().toList();
      return lines.get((int) one.getLineNumber() - 1).matches("\\s*public \\w+ \\{.*");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
