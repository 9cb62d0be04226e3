package io.reverseetl.testing;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.DocumentOperation.IfMissing;
import io.reverseetl.document.Rejection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What each kind of operation does to what stands in its place. */
final class Effects {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<Map<String, @Nullable Object>> MAP = new TypeReference<>() {};

  /**
   * What is left to do.
   *
   * @param document is to stand; null for what stands
   * @param deletes nothing is to stand
   * @param rejection why the operation is refused
   */
  record Effect(@Nullable Document document, boolean deletes, @Nullable Rejection rejection) {
    static final Effect UNCHANGED = new Effect(null, false, null);
    static final Effect DELETED = new Effect(null, true, null);

    static Effect stands(Document document) {
      return new Effect(document, false, null);
    }

    static Effect rejected(Rejection.Reason reason, int status, String message) {
      return new Effect(null, false, new Rejection(reason, status, message));
    }

    boolean isUnchanged() {
      return document == null && !deletes && rejection == null;
    }
  }

  private Effects() {}

  static Effect of(
      DocumentOperation operation,
      @Nullable Document stored,
      @Nullable String etag,
      Map<String, Predicate<? super Map<String, @Nullable Object>>> conditions) {
    if (operation instanceof DocumentOperation.Upsert upsert) {
      return Effect.stands(upsert.document());
    }
    if (operation instanceof DocumentOperation.UpsertIfNewer upsert) {
      return isNewer(stored, operation) ? Effect.UNCHANGED : Effect.stands(upsert.document());
    }
    if (operation instanceof DocumentOperation.DeleteIfNewer) {
      return isNewer(stored, operation) ? Effect.UNCHANGED : Effect.DELETED;
    }
    if (operation instanceof DocumentOperation.Create create) {
      return stored != null ? Effect.UNCHANGED : Effect.stands(create.document());
    }
    if (operation instanceof DocumentOperation.ReplaceIfUnmodified replace) {
      boolean same = replace.etag() == null ? stored == null : replace.etag().equals(etag);
      return same ? Effect.stands(replace.document()) : Effect.UNCHANGED;
    }
    if (operation instanceof DocumentOperation.DeleteIfUnmodified delete) {
      return delete.etag().equals(etag) ? Effect.DELETED : Effect.UNCHANGED;
    }
    if (operation instanceof DocumentOperation.MergeFields merge) {
      if (stored == null) {
        return missing(merge.ifMissing(), merge.document());
      }
      return merge.ifNewer() && isNewer(stored, operation)
          ? Effect.UNCHANGED
          : Effect.stands(merge.onto(stored.json()));
    }
    if (operation instanceof DocumentOperation.Patch patch) {
      return stored == null ? missing(patch.ifMissing(), null) : patched(patch, stored, conditions);
    }
    return Effect.DELETED;
  }

  private static Effect missing(IfMissing ifMissing, @Nullable Document document) {
    return switch (ifMissing) {
      case CREATE -> new Effect(document, false, null);
      case SKIP -> Effect.UNCHANGED;
      case REJECT ->
          Effect.rejected(Rejection.Reason.MISSING, 404, "There is no document to change.");
    };
  }

  private static Effect patched(
      DocumentOperation.Patch patch,
      Document stored,
      Map<String, Predicate<? super Map<String, @Nullable Object>>> conditions) {
    Map<String, @Nullable Object> body = parse(stored);
    if (patch.ifNewer() && version(stored) >= patch.sourceVersion()) {
      return Effect.UNCHANGED;
    }
    if (patch.condition() != null) {
      Predicate<? super Map<String, @Nullable Object>> condition =
          conditions.get(patch.condition());
      if (condition == null) {
        throw new IllegalStateException(
            "What the condition \"" + patch.condition() + "\" means is said with condition(...).");
      }
      if (!condition.test(body)) {
        return Effect.UNCHANGED;
      }
    }
    try {
      Map<String, @Nullable Object> changed = FieldChanges.apply(body, patch.changes());
      if (patch.ifNewer()) {
        changed.put(Document.SOURCE_VERSION, patch.sourceVersion());
      }
      return Effect.stands(Document.of(patch.key(), changed));
    } catch (IllegalArgumentException e) {
      return Effect.rejected(
          Rejection.Reason.INVALID, 400, "A path of the patch leads nowhere, or to another kind.");
    }
  }

  private static boolean isNewer(@Nullable Document stored, DocumentOperation operation) {
    return stored != null && version(stored) > operation.sourceVersion();
  }

  private static double version(Document stored) {
    return parse(stored).get(Document.SOURCE_VERSION) instanceof Number number
        ? number.doubleValue()
        : Double.NEGATIVE_INFINITY;
  }

  private static Map<String, @Nullable Object> parse(Document document) {
    try {
      return JSON.readValue(document.json(), MAP);
    } catch (IOException e) {
      throw new UncheckedIOException("A document in the sink is no JSON.", e);
    }
  }
}
