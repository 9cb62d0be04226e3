package io.reverseetl;

import io.reverseetl.document.ConditionalDocumentSink;
import io.reverseetl.document.DocumentSink;
import io.reverseetl.document.GuardedDocumentSink;
import io.reverseetl.document.PatchingDocumentSink;
import io.reverseetl.exceptions.ConfigurationException;
import org.jspecify.annotations.Nullable;

/** Refuses a sink that cannot write as the pipeline asks. */
final class SinkAbilities {
  private SinkAbilities() {}

  static void check(
      String pipeline,
      WriteMode mode,
      @Nullable Deletes deletes,
      boolean stamps,
      DocumentSink sink) {
    if (mode.isGuarded() && !(sink instanceof GuardedDocumentSink)) {
      throw lacks(pipeline, "compare versions", mode);
    }
    switch (mode.kind()) {
      case CREATE, REPLACE_IF_UNMODIFIED -> {
        if (!(sink instanceof ConditionalDocumentSink)) {
          throw lacks(pipeline, "write under a condition", mode);
        }
      }
      case OWNED_FIELDS -> {
        if (!(sink instanceof PatchingDocumentSink)) {
          throw lacks(pipeline, "change a part of a document", mode);
        }
        checkCondition(pipeline, mode, deletes, stamps);
      }
      case UPSERT -> {}
    }
    if (deletes != null && deletes.areOwnedFields() && mode.kind() != WriteMode.Kind.OWNED_FIELDS) {
      throw new ConfigurationException(
          "Pipeline \""
              + pipeline
              + "\" has Deletes.ownedFields(), but its WriteMode "
              + mode
              + " owns whole documents. Take WriteMode.ownedFields(...), or another policy.");
    }
  }

  private static void checkCondition(
      String pipeline, WriteMode mode, @Nullable Deletes deletes, boolean stamps) {
    if (mode.condition() == null) {
      return;
    }
    int most = mode.isGuarded() || stamps ? 9 : 10;
    if (mode.fields().size() > most) {
      throw new ConfigurationException(
          "Pipeline \""
              + pipeline
              + "\" owns "
              + mode.fields().size()
              + " properties, but at most ten can be changed under a condition, and one less where"
              + " the source version is written. Own less, or take where(...) away.");
    }
    if (deletes != null && deletes.field() != null) {
      throw new ConfigurationException(
          "Pipeline \""
              + pipeline
              + "\" flags deleted documents, which cannot be done under a condition, as a flag could"
              + " not be taken out again. Take Deletes.ownedFields() or Deletes.ignored(), or take"
              + " where(...) away.");
    }
  }

  private static ConfigurationException lacks(String pipeline, String ability, WriteMode mode) {
    return new ConfigurationException(
        "The sink of pipeline \""
            + pipeline
            + "\" cannot "
            + ability
            + ", which WriteMode "
            + mode
            + " asks for. Take another sink, or WriteMode.UPSERT.");
  }
}
