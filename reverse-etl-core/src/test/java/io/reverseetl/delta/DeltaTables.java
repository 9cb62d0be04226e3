package io.reverseetl.delta;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The Delta tables of the test resources, written by Spark, with what Spark reads from them. Works
 * from a folder of classes as well as from the {@code tests} jar of this module. The format is
 * described in {@code delta-tables/README.md}.
 */
public final class DeltaTables {
  private static final String ROOT = "/delta-tables/";
  private static final ObjectMapper JSON = new ObjectMapper();

  private DeltaTables() {}

  /**
   * The names of all cases.
   *
   * @return names such as {@code 01-append-only}, in order
   */
  public static List<String> cases() {
    List<String> names = new ArrayList<>();
    json("index.json").forEach(entry -> names.add(entry.get("case").asText()));
    return names;
  }

  /**
   * What a case is, and what is expected of it.
   *
   * @param name the name of the case
   * @return its case.json
   */
  public static JsonNode caseJson(String name) {
    return json(name + "/case.json");
  }

  /**
   * The lines of a file with expected rows.
   *
   * @param name the name of the case
   * @param file the path within the case, as case.json gives it
   * @return the lines, without line ends
   */
  public static List<String> lines(String name, String file) {
    String text = new String(bytes(name + "/" + file), StandardCharsets.UTF_8);
    List<String> lines = new ArrayList<>(List.of(text.split("\n", -1)));
    lines.removeIf(String::isEmpty);
    return lines;
  }

  /**
   * Copies the table of a case.
   *
   * @param name the name of the case
   * @param folder an existing folder, usually a temporary one
   * @return the folder of the table, a new one in {@code folder}
   */
  public static Path copy(String name, Path folder) {
    Path target = folder.resolve(name);
    try {
      URI source = resource(name + "/table").toURI();
      if (source.getScheme().equals("jar")) {
        try (FileSystem jar = FileSystems.newFileSystem(source, Map.of())) {
          copyTree(jar.getPath(ROOT + name + "/table"), target);
        }
      } else {
        copyTree(Path.of(source), target);
      }
      return target;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void copyTree(Path source, Path target) throws IOException {
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path copy = target.resolve(source.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(file, copy);
        }
      }
    }
  }

  private static JsonNode json(String path) {
    try {
      return JSON.readTree(bytes(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] bytes(String path) {
    try (InputStream in = resource(path).openStream()) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static URL resource(String path) {
    URL url = DeltaTables.class.getResource(ROOT + path);
    if (url == null) {
      throw new IllegalArgumentException("There is no test resource " + ROOT + path + ".");
    }
    return url;
  }
}
