package io.reverseetl.mapping;

import io.reverseetl.mapping.NestedWriters.ObjectWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The properties of a document that is being planned, in order, and what stands in each place. */
final class DocumentLayout {
  private final Folder root = new Folder();
  private final Problems problems;

  DocumentLayout(Problems problems) {
    this.problems = problems;
  }

  /**
   * Puts a property into its place. The objects on the way appear where their first property is
   * put, and are always written.
   *
   * @param origin what gives the value, for messages
   */
  void put(List<String> target, String origin, ValueWriter writer, int ordinal, NullPolicy nulls) {
    Folder folder = root;
    int last = target.size() - 1;
    for (int i = 0; i < last; i++) {
      Place next = folder.places.computeIfAbsent(target.get(i), name -> new Folder());
      if (!(next instanceof Folder deeper)) {
        collision(target.subList(0, i + 1), ((Leaf) next).origin, origin);
        return;
      }
      folder = deeper;
    }
    Place there =
        folder.places.putIfAbsent(target.get(last), new Leaf(origin, writer, ordinal, nulls));
    if (there instanceof Leaf leaf) {
      collision(target, leaf.origin, origin);
    } else if (there != null) {
      collision(target, "a nested path", origin);
    }
  }

  private void collision(List<String> target, String first, String second) {
    problems.add(
        "The property "
            + PropertyPath.print(target)
            + " would come from "
            + first
            + " and from "
            + second
            + ". Rename or exclude one of them.");
  }

  /** The names of the document's own properties, in order. */
  List<String> names() {
    return List.copyOf(root.places.keySet());
  }

  /** What gives a property of the document itself. */
  String origin(String name) {
    return root.places.get(name) instanceof Leaf leaf ? leaf.origin : "a nested path";
  }

  ValueWriter toWriter() {
    return root.toWriter();
  }

  private sealed interface Place {}

  private record Leaf(String origin, ValueWriter writer, int ordinal, NullPolicy nulls)
      implements Place {}

  private static final class Folder implements Place {
    private final Map<String, Place> places = new LinkedHashMap<>();

    ValueWriter toWriter() {
      List<Property> properties = new ArrayList<>();
      places.forEach(
          (name, place) ->
              properties.add(
                  place instanceof Leaf leaf
                      ? new Property(name, leaf.writer, leaf.ordinal, leaf.nulls)
                      : new Property(name, ((Folder) place).toWriter(), 0, NullPolicy.WRITE)));
      return new ObjectWriter(properties);
    }
  }
}
