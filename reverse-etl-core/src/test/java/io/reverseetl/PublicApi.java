package io.reverseetl;

import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes what a module's classes show to others, one type or member a line, and compares it with a
 * file that is kept with the sources: so each change of the API is seen in review, before there is
 * a release to compare with.
 */
public final class PublicApi {
  /** The system property that has the files written anew. */
  public static final String WRITE = "reverseetl.api.write";

  private static final int SHOWN = Modifier.PUBLIC | Modifier.PROTECTED;

  /** Public for the packages of the library alone, as the comparison with a release has it too. */
  private static final Set<String> INTERNAL = Set.of("io.reverseetl.reduce");

  private PublicApi() {}

  /**
   * Compares the classes of the module that is tested with {@code docs/api/MODULE.txt}, or writes
   * that file if {@link #WRITE} is true.
   *
   * @param module the module's name
   * @return as {@link #changes}
   */
  public static List<String> changesOf(String module) throws IOException {
    Path classes = Path.of("target/classes");
    Path file = Path.of("..", "docs", "api", module + ".txt");
    if (Boolean.getBoolean(WRITE)) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, String.join("\n", lines(classes)) + "\n");
    }
    return changes(classes, file);
  }

  /**
   * Compares classes with a file.
   *
   * @param classes the folder of the compiled classes, which are on the class path
   * @param file what was decided on
   * @return what came and went, a line each, after {@code +} and {@code -}; empty if nothing did
   */
  public static List<String> changes(Path classes, Path file) throws IOException {
    SortedSet<String> now = lines(classes);
    Set<String> decided = Files.exists(file) ? new TreeSet<>(Files.readAllLines(file)) : Set.of();
    List<String> changes = new ArrayList<>();
    decided.stream()
        .filter(line -> !now.contains(line))
        .map(line -> "- " + line)
        .forEach(changes::add);
    now.stream()
        .filter(line -> !decided.contains(line))
        .map(line -> "+ " + line)
        .forEach(changes::add);
    return changes;
  }

  /** What to do about changes of a module. */
  public static String advice(String module, String test) {
    return "The public API of "
        + module
        + " changed. If it should, say so in CHANGELOG.md, and write docs/api/"
        + module
        + ".txt anew: mvn -pl "
        + module
        + " -am test -Dtest="
        + test
        + " -Dsurefire.failIfNoSpecifiedTests=false -D"
        + WRITE
        + "=true";
  }

  private static SortedSet<String> lines(Path classes) throws IOException {
    SortedSet<String> lines = new TreeSet<>();
    try (Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".class")).toList()) {
        String name = classes.relativize(file).toString().replace('\\', '/');
        if (!name.endsWith("-info.class")) {
          Class<?> type = load(name.substring(0, name.length() - 6).replace('/', '.'));
          if (isShown(type)) {
            describe(type, lines);
          }
        }
      }
    }
    return lines;
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, PublicApi.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(name + " is not on the class path.", e);
    }
  }

  private static boolean isShown(Class<?> type) {
    if (type.isAnonymousClass()
        || type.isLocalClass()
        || type.isSynthetic()
        || INTERNAL.contains(type.getPackageName())) {
      return false;
    }
    Class<?> outer = type.getDeclaringClass();
    return isShown(type.getModifiers(), outer) && (outer == null || isShown(outer));
  }

  /** What is protected is for subclasses, so it is hidden where there can be none. */
  private static boolean isShown(int modifiers, Class<?> owner) {
    return Modifier.isPublic(modifiers)
        || (Modifier.isProtected(modifiers)
            && owner != null
            && !Modifier.isFinal(owner.getModifiers()));
  }

  private static void describe(Class<?> type, Set<String> lines) {
    lines.add(type.getName() + " " + header(type));
    for (Constructor<?> one : type.getDeclaredConstructors()) {
      add(type, one, lines, "(" + parameters(one) + ")" + thrown(one));
    }
    for (Class<?> declaring : withHidden(type)) {
      for (Method one : declaring.getDeclaredMethods()) {
        String modifiers = one.isDefault() ? "default " : "";
        add(
            type,
            one,
            lines,
            modifiers
                + variables(one.getTypeParameters())
                + one.getGenericReturnType().getTypeName()
                + " "
                + one.getName()
                + "("
                + parameters(one)
                + ")"
                + thrown(one));
      }
      for (Field one : declaring.getDeclaredFields()) {
        add(type, one, lines, one.getGenericType().getTypeName() + " " + one.getName());
      }
    }
  }

  /** A type, and what it has from superclasses and interfaces that are not shown themselves. */
  private static Set<Class<?>> withHidden(Class<?> type) {
    Set<Class<?>> found = new LinkedHashSet<>(List.of(type));
    List<Class<?>> above = new ArrayList<>(Arrays.asList(type.getInterfaces()));
    if (type.getSuperclass() != null) {
      above.add(type.getSuperclass());
    }
    for (Class<?> one : above) {
      if (one.getName().startsWith("io.reverseetl.") && !isShown(one)) {
        found.addAll(withHidden(one));
      }
    }
    return found;
  }

  private static void add(Class<?> type, Member member, Set<String> lines, String text) {
    if (isShown(member.getModifiers(), type) && !member.isSynthetic()) {
      int modifiers =
          member.getModifiers() & (SHOWN | Modifier.STATIC | Modifier.ABSTRACT | Modifier.FINAL);
      boolean old = ((AnnotatedElement) member).isAnnotationPresent(Deprecated.class);
      lines.add(
          type.getName()
              + "# "
              + (old ? "@Deprecated " : "")
              + Modifier.toString(modifiers)
              + " "
              + text);
    }
  }

  private static String header(Class<?> type) {
    StringBuilder header = new StringBuilder();
    if (type.isAnnotationPresent(Deprecated.class)) {
      header.append("@Deprecated ");
    }
    int modifiers = type.getModifiers() & (SHOWN | Modifier.STATIC);
    if (!type.isInterface() && !type.isEnum()) {
      modifiers |= type.getModifiers() & (Modifier.ABSTRACT | Modifier.FINAL);
    }
    header.append(Modifier.toString(modifiers)).append(' ');
    header.append(type.isSealed() ? "sealed " : "").append(kind(type)).append(' ');
    header.append(variables(type.getTypeParameters()));
    List<String> above = new ArrayList<>();
    if (type.getGenericSuperclass() != null) {
      above.add(type.getGenericSuperclass().getTypeName());
    }
    above.addAll(names(type.getGenericInterfaces(), true));
    header.append("of ").append(String.join(", ", above));
    if (type.isSealed()) {
      header
          .append(" permits ")
          .append(String.join(", ", names(type.getPermittedSubclasses(), true)));
    }
    return header.toString();
  }

  private static String kind(Class<?> type) {
    if (type.isAnnotation()) {
      return "@interface";
    } else if (type.isInterface()) {
      return "interface";
    } else if (type.isEnum()) {
      return "enum";
    }
    return type.isRecord() ? "record" : "class";
  }

  private static String variables(TypeVariable<?>[] variables) {
    if (variables.length == 0) {
      return "";
    }
    return Arrays.stream(variables)
        .map(one -> one + " extends " + String.join(" & ", names(one.getBounds(), false)))
        .collect(Collectors.joining(", ", "<", "> "));
  }

  private static List<String> names(Type[] types, boolean sorted) {
    Stream<String> names = Arrays.stream(types).map(Type::getTypeName);
    return sorted ? names.sorted().toList() : names.toList();
  }

  private static String parameters(Executable of) {
    String parameters = String.join(", ", names(of.getGenericParameterTypes(), false));
    return of.isVarArgs() ? parameters.replaceFirst("\\[]$", "...") : parameters;
  }

  private static String thrown(Executable of) {
    List<String> thrown = names(of.getGenericExceptionTypes(), true);
    return thrown.isEmpty() ? "" : " throws " + String.join(", ", thrown);
  }
}
