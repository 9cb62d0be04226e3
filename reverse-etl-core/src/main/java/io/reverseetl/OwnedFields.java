package io.reverseetl;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.reverseetl.document.Document;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which top-level properties of a document are the pipeline's own. */
final class OwnedFields {
  private static final JsonFactory JSON = new JsonFactory();

  private final Set<String> names = new HashSet<>();
  private final Set<String> declared;
  private final Set<String> kept = new HashSet<>();

  /**
   * The properties that a mode names, and those that mark a document as deleted.
   *
   * @param partitionKeyPaths the properties that a document needs beside its id
   */
  OwnedFields(WriteMode mode, Deletes deletes, List<String> partitionKeyPaths) {
    declared = mode.fields();
    names.addAll(declared);
    String flag = deletes.field();
    if (flag != null) {
      names.add(flag);
      names.add("ttl");
    }
    for (String path : partitionKeyPaths) {
      String name = path.substring(1).split("/", -1)[0];
      names.remove(name);
      kept.add(name);
    }
    kept.add("id");
    kept.add(Document.SOURCE_VERSION);
    kept.addAll(names);
  }

  /** All of them, without id and partition key. */
  Set<String> names() {
    return names;
  }

  /** The document without what belongs to others. */
  Document of(Document document) {
    Set<String> foreign = new HashSet<>();
    forEachName(document, foreign::add);
    foreign.removeAll(kept);
    if (foreign.isEmpty()) {
      return document;
    }
    byte[] json = JsonProperties.edit(document.json(), foreign, "");
    return document.isConsistent()
        ? Document.ofConsistentJson(document.key(), json)
        : Document.ofJson(document.key(), json);
  }

  /** Whether a document of the target has anything of ours. */
  boolean areIn(Document document) {
    boolean[] found = new boolean[1];
    forEachName(document, name -> found[0] |= declared.contains(name));
    return found[0];
  }

  private static void forEachName(Document document, java.util.function.Consumer<String> taker) {
    try (JsonParser parser = JSON.createParser(document.json())) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        taker.accept(parser.currentName());
        parser.nextToken();
        parser.skipChildren();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("A document is JSON.", e);
    }
  }
}
