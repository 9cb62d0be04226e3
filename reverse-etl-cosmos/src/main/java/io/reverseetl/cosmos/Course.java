package io.reverseetl.cosmos;

import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.DocumentOperation.IfMissing;
import org.jspecify.annotations.Nullable;

/**
 * The requests that an operation is made of: which comes first, and which after each answer. What a
 * request found is never acted upon but under a condition that fails if it has changed since, so
 * that nobody can come between; and an operation whose outcome is unknown may begin again.
 *
 * <p>Thread-safe.
 */
final class Course {

  /** What an answer says about the document, failures of the way there aside. */
  enum Outcome {
    /** The request was done; a read found the document. */
    DONE,
    /** No document stands there. */
    MISSING,
    /** A document of this id stands there, or another one holds a unique value. */
    EXISTS,
    /** The condition is not met: the document has changed, or the predicate is false. */
    UNMET
  }

  /** What comes after an answer. */
  sealed interface Step {
    /** The operation took effect. */
    record Done() implements Step {}

    /** The operation had nothing to do. */
    record Unchanged() implements Step {}

    /**
     * Another request.
     *
     * @param raced somebody else changed the document meanwhile, or a replica lags
     */
    record Next(Request request, boolean raced) implements Step {}

    /** Another document holds a unique value, perhaps only for now; begin anew later. */
    record Conflict() implements Step {}

    /** There is no document to change. */
    record Missing() implements Step {}

    /** An answer that the request cannot have; the table of verdicts says what it means. */
    record Unexpected() implements Step {}
  }

  static final Step DONE = new Step.Done();
  static final Step UNCHANGED = new Step.Unchanged();
  static final Step CONFLICT = new Step.Conflict();
  static final Step MISSING = new Step.Missing();
  static final Step UNEXPECTED = new Step.Unexpected();

  /** No document has it: a delete under it tells whether one stands there, and deletes none. */
  private static final String NO_ETAG = "\"none\"";

  private final boolean uniqueKeys;
  private final FieldSteps fields;
  private final Presence presence = new Presence();

  /**
   * For one container.
   *
   * @param uniqueKeys whether it has a unique key policy, so that a conflict can be about another
   *     document
   */
  Course(boolean uniqueKeys, FieldSteps fields) {
    this.uniqueKeys = uniqueKeys;
    this.fields = fields;
  }

  /** The first request of an operation. */
  Request first(DocumentOperation operation) {
    if (operation instanceof DocumentOperation.Upsert upsert) {
      return Request.upsert(upsert.document());
    }
    if (operation instanceof DocumentOperation.Delete) {
      return Request.DELETE;
    }
    if (operation instanceof DocumentOperation.Create create) {
      return Request.create(create.document());
    }
    if (operation instanceof DocumentOperation.ReplaceIfUnmodified replace) {
      return replace.etag() == null
          ? Request.create(replace.document())
          : Request.replace(replace.document(), replace.etag());
    }
    if (operation instanceof DocumentOperation.DeleteIfUnmodified delete) {
      return Request.delete(delete.etag());
    }
    if (operation instanceof DocumentOperation.UpsertIfNewer guarded) {
      return presence.isLikely() ? Request.READ : Request.create(guarded.document());
    }
    if (operation instanceof DocumentOperation.MergeFields merge) {
      return merge.ifMissing() != IfMissing.CREATE || presence.isLikely()
          ? change(merge)
          : Request.create(merge.document());
    }
    if (operation instanceof DocumentOperation.Patch patch) {
      return FieldSteps.request(patch);
    }
    return Request.READ;
  }

  private Request change(DocumentOperation.MergeFields merge) {
    Request patch = fields.request(merge);
    return patch == null ? Request.READ : patch;
  }

  /**
   * What follows an answer.
   *
   * @param found the document, if a read found it
   */
  Step after(DocumentOperation operation, Request request, Outcome outcome, @Nullable Found found) {
    if (operation instanceof DocumentOperation.Upsert) {
      return outcome == Outcome.DONE ? DONE : outcome == Outcome.EXISTS ? CONFLICT : UNEXPECTED;
    }
    if (operation instanceof DocumentOperation.Delete) {
      return outcome == Outcome.DONE || outcome == Outcome.MISSING ? DONE : UNEXPECTED;
    }
    if (operation instanceof DocumentOperation.Create create) {
      return created(request, outcome, found, Request.create(create.document()));
    }
    if (operation instanceof DocumentOperation.ReplaceIfUnmodified replace) {
      return request.kind() == Request.Kind.REPLACE
          ? ifUnmodified(outcome)
          : created(request, outcome, found, Request.create(replace.document()));
    }
    if (operation instanceof DocumentOperation.DeleteIfUnmodified) {
      return ifUnmodified(outcome);
    }
    if (operation instanceof DocumentOperation.UpsertIfNewer guarded) {
      return upsertIfNewer(guarded, request, outcome, found);
    }
    if (operation instanceof DocumentOperation.DeleteIfNewer guarded) {
      return deleteIfNewer(guarded, request, outcome, found);
    }
    if (operation instanceof DocumentOperation.MergeFields merge) {
      return merge(merge, request, outcome, found);
    }
    if (operation instanceof DocumentOperation.Patch patch) {
      return switch (outcome) {
        case DONE -> DONE;
        case UNMET -> UNCHANGED;
        case EXISTS -> CONFLICT;
        case MISSING -> patch.ifMissing() == IfMissing.REJECT ? MISSING : UNCHANGED;
      };
    }
    return UNEXPECTED;
  }

  private Step created(Request request, Outcome outcome, @Nullable Found found, Request again) {
    if (request.kind() == Request.Kind.READ) {
      // Where no such document stands it was a unique value that is held.
      return found != null ? UNCHANGED : outcome == Outcome.MISSING ? CONFLICT : UNEXPECTED;
    }
    return switch (outcome) {
      case DONE -> DONE;
      case EXISTS -> uniqueKeys ? new Step.Next(Request.READ, false) : UNCHANGED;
      case MISSING -> new Step.Next(again, true);
      case UNMET -> UNEXPECTED;
    };
  }

  private static Step ifUnmodified(Outcome outcome) {
    return switch (outcome) {
      case DONE -> DONE;
      case MISSING, UNMET -> UNCHANGED;
      case EXISTS -> CONFLICT;
    };
  }

  private Step upsertIfNewer(
      DocumentOperation.UpsertIfNewer operation,
      Request request,
      Outcome outcome,
      @Nullable Found found) {
    Request create = Request.create(operation.document());
    switch (request.kind()) {
      case CREATE:
        return afterCreate(outcome, Request.READ, create);
      case READ:
        if (found == null) {
          return outcome == Outcome.MISSING ? absent(request, create) : UNEXPECTED;
        }
        presence.there();
        return found.isNewerThan(operation.sourceVersion())
            ? UNCHANGED
            : new Step.Next(Request.replace(operation.document(), found.etag()), false);
      default:
        return afterReplace(outcome, create);
    }
  }

  private Step deleteIfNewer(
      DocumentOperation.DeleteIfNewer operation,
      Request request,
      Outcome outcome,
      @Nullable Found found) {
    if (request.kind() == Request.Kind.READ) {
      if (found == null) {
        // A replica may lag behind; a write never does.
        return outcome == Outcome.MISSING
            ? new Step.Next(Request.delete(NO_ETAG), false)
            : UNEXPECTED;
      }
      return found.isNewerThan(operation.sourceVersion())
          ? UNCHANGED
          : new Step.Next(Request.delete(found.etag()), false);
    }
    return switch (outcome) {
      case DONE, MISSING -> DONE;
      case UNMET -> new Step.Next(Request.READ, true);
      case EXISTS -> UNEXPECTED;
    };
  }

  private Step merge(
      DocumentOperation.MergeFields operation,
      Request request,
      Outcome outcome,
      @Nullable Found found) {
    Request create = Request.create(operation.document());
    switch (request.kind()) {
      case CREATE:
        return afterCreate(outcome, change(operation), create);
      case PATCH:
        if (outcome == Outcome.DONE || outcome == Outcome.UNMET) {
          presence.there();
          return outcome == Outcome.DONE ? DONE : UNCHANGED; // A newer one stands.
        }
        return outcome == Outcome.MISSING ? missing(operation, request, create) : CONFLICT;
      case READ:
        if (found == null) {
          return outcome == Outcome.MISSING ? missing(operation, request, create) : UNEXPECTED;
        }
        presence.there();
        if (operation.ifNewer() && found.isNewerThan(operation.sourceVersion())) {
          return UNCHANGED;
        }
        return new Step.Next(Request.replace(operation.onto(found.json()), found.etag()), false);
      default:
        return outcome == Outcome.MISSING
            ? missing(operation, request, create)
            : afterReplace(outcome, create);
    }
  }

  private Step missing(DocumentOperation.MergeFields operation, Request request, Request create) {
    return switch (operation.ifMissing()) {
      case CREATE -> absent(request, create);
      case SKIP -> UNCHANGED;
      case REJECT -> MISSING;
    };
  }

  /** Nothing stands where the document is to be created. */
  private Step absent(Request request, Request create) {
    presence.missing();
    // If a create was refused all the same, it was for a unique value, or somebody deleted.
    return request.contested() && uniqueKeys
        ? CONFLICT
        : new Step.Next(create, request.contested());
  }

  private Step afterCreate(Outcome outcome, Request look, Request again) {
    return switch (outcome) {
      case DONE -> {
        presence.missing();
        yield DONE;
      }
      case EXISTS -> new Step.Next(look.afterConflict(), false);
      case MISSING -> new Step.Next(again, true);
      case UNMET -> UNEXPECTED;
    };
  }

  private static Step afterReplace(Outcome outcome, Request create) {
    return switch (outcome) {
      case DONE -> DONE;
      case UNMET -> new Step.Next(Request.READ, true);
      case MISSING -> new Step.Next(create, true);
      case EXISTS -> CONFLICT;
    };
  }
}
