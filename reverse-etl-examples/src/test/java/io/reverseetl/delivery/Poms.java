package io.reverseetl.delivery;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** The build's own files, read as what they say and nothing resolved. */
final class Poms {
  static final Path ROOT = Path.of("..");

  /** A dependency as a pom names it; empty where it says nothing. */
  record Dependency(String artifactId, String version, String scope, String classifier) {}

  private final Element project;

  private Poms(Element project) {
    this.project = project;
  }

  static Poms read(String folder) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    return new Poms(
        factory
            .newDocumentBuilder()
            .parse(ROOT.resolve(folder).resolve("pom.xml").toFile())
            .getDocumentElement());
  }

  private static List<Element> children(Element parent, String name) {
    List<Element> found = new ArrayList<>();
    for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element element && element.getTagName().equals(name)) {
        found.add(element);
      }
    }
    return found;
  }

  private static String text(Element parent, String name) {
    List<Element> found = children(parent, name);
    return found.isEmpty() ? "" : found.get(0).getTextContent().strip();
  }

  String version() {
    return text(project, "version");
  }

  String property(String name) {
    return text(children(project, "properties").get(0), name);
  }

  boolean hasParent() {
    return !children(project, "parent").isEmpty();
  }

  List<Dependency> dependencies() {
    return dependencies(project);
  }

  List<Dependency> managed() {
    return dependencies(children(project, "dependencyManagement").get(0));
  }

  private static List<Dependency> dependencies(Element holder) {
    List<Dependency> found = new ArrayList<>();
    for (Element list : children(holder, "dependencies")) {
      for (Element one : children(list, "dependency")) {
        found.add(
            new Dependency(
                text(one, "artifactId"),
                text(one, "version"),
                text(one, "scope"),
                text(one, "classifier")));
      }
    }
    return found;
  }
}
