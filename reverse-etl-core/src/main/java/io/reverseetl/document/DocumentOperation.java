package io.reverseetl.document;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One thing to do to one document. Every sink takes {@link Upsert} and {@link Delete}; the others
 * need a sink of a further type, which each of them names.
 *
 * <p>Every operation may be run again when its outcome is unknown, without doing harm.
 */
public sealed interface DocumentOperation {

  /**
   * Which document.
   *
   * @return id and partition key
   */
  DocumentKey key();

  /**
   * The commit version that the operation comes from.
   *
   * @return the version, from 0
   */
  long sourceVersion();

  /**
   * How much it weighs in buffers and on the wire.
   *
   * @return the size of the body in bytes, 0 without one
   */
  int sizeInBytes();

  /**
   * Makes the document stand as given, whether or not it was there.
   *
   * @param document the document
   * @param sourceVersion the commit version that it comes from
   */
  record Upsert(Document document, long sourceVersion) implements DocumentOperation {
    /** Checks that nothing is missing. */
    public Upsert {
      Objects.requireNonNull(document, "document");
    }

    @Override
    public DocumentKey key() {
      return document.key();
    }

    @Override
    public int sizeInBytes() {
      return document.sizeInBytes();
    }
  }

  /**
   * Makes the document be gone, whether or not it was there.
   *
   * @param key which document
   * @param sourceVersion the commit version that deleted its row
   */
  record Delete(DocumentKey key, long sourceVersion) implements DocumentOperation {
    /** Checks that nothing is missing. */
    public Delete {
      Objects.requireNonNull(key, "key");
    }

    @Override
    public int sizeInBytes() {
      return 0;
    }
  }

  /**
   * Makes the document stand as given, unless one stands there whose number {@link
   * Document#SOURCE_VERSION} is greater. That one stays, which counts as {@linkplain
   * WriteCallback#unchanged unchanged}. A document without the number counts as older than every
   * version. Needs a {@link GuardedDocumentSink}.
   *
   * @param document the document; its body carries the version as {@link Document#SOURCE_VERSION}
   * @param sourceVersion the commit version that it comes from
   */
  record UpsertIfNewer(Document document, long sourceVersion) implements DocumentOperation {
    /** Checks that nothing is missing. */
    public UpsertIfNewer {
      Objects.requireNonNull(document, "document");
    }

    @Override
    public DocumentKey key() {
      return document.key();
    }

    @Override
    public int sizeInBytes() {
      return document.sizeInBytes();
    }
  }

  /**
   * Makes the document be gone, unless one stands there whose number {@link
   * Document#SOURCE_VERSION} is greater. That one stays, which counts as {@linkplain
   * WriteCallback#unchanged unchanged}. Needs a {@link GuardedDocumentSink}.
   *
   * @param key which document
   * @param sourceVersion the commit version that deleted its row
   */
  record DeleteIfNewer(DocumentKey key, long sourceVersion) implements DocumentOperation {
    /** Checks that nothing is missing. */
    public DeleteIfNewer {
      Objects.requireNonNull(key, "key");
    }

    @Override
    public int sizeInBytes() {
      return 0;
    }
  }

  /**
   * Makes the document be there: one that is there already stays as it is, whatever it says, which
   * counts as {@linkplain WriteCallback#unchanged unchanged}. Needs a {@link
   * ConditionalDocumentSink}.
   *
   * @param document the document
   * @param sourceVersion the commit version that it comes from
   */
  record Create(Document document, long sourceVersion) implements DocumentOperation {
    /** Checks that nothing is missing. */
    public Create {
      Objects.requireNonNull(document, "document");
    }

    @Override
    public DocumentKey key() {
      return document.key();
    }

    @Override
    public int sizeInBytes() {
      return document.sizeInBytes();
    }
  }

  /**
   * Replaces the document if nobody changed it since it had this etag, and otherwise leaves it,
   * also when it is gone, which counts as {@linkplain WriteCallback#unchanged unchanged}. Without
   * an etag it is created, unless it is there. Needs a {@link ConditionalDocumentSink}.
   *
   * @param document the document
   * @param etag what the target called the state that is to be replaced; null for none
   * @param sourceVersion the commit version that it comes from
   */
  record ReplaceIfUnmodified(Document document, @Nullable String etag, long sourceVersion)
      implements DocumentOperation {
    /** Checks that nothing is missing. */
    public ReplaceIfUnmodified {
      Objects.requireNonNull(document, "document");
    }

    @Override
    public DocumentKey key() {
      return document.key();
    }

    @Override
    public int sizeInBytes() {
      return document.sizeInBytes();
    }

    /** Says which kind it is, without values. */
    @Override
    public String toString() {
      return "ReplaceIfUnmodified[" + document + "]";
    }
  }

  /**
   * Deletes the document if nobody changed it since it had this etag. Otherwise, also when it is
   * gone, it counts as {@linkplain WriteCallback#unchanged unchanged}. Needs a {@link
   * ConditionalDocumentSink}.
   *
   * @param key which document
   * @param etag what the target called the state that is to go
   * @param sourceVersion the commit version that deleted its row
   */
  record DeleteIfUnmodified(DocumentKey key, String etag, long sourceVersion)
      implements DocumentOperation {
    /** Checks that nothing is missing. */
    public DeleteIfUnmodified {
      Objects.requireNonNull(key, "key");
      Objects.requireNonNull(etag, "etag");
    }

    @Override
    public int sizeInBytes() {
      return 0;
    }
  }

  /**
   * Puts some top-level properties into the document that stands there, and leaves all others,
   * which are somebody else's. Properties of the body are set, null included; owned ones that the
   * body lacks are taken out. All of it happens at once or not at all. Needs a {@link
   * PatchingDocumentSink}.
   *
   * @param document the body: id, partition key, and what is to be set
   * @param owned names of the properties that are ours; id and partition key are left out of this
   * @param ifMissing what to do where no document stands
   * @param ifNewer as for {@link UpsertIfNewer}: leave a document whose number {@link
   *     Document#SOURCE_VERSION} is greater. The body then carries the number
   * @param sourceVersion the commit version that it comes from
   */
  record MergeFields(
      Document document,
      Set<String> owned,
      IfMissing ifMissing,
      boolean ifNewer,
      long sourceVersion)
      implements DocumentOperation {
    /** Checks that nothing is missing, and copies. */
    public MergeFields {
      Objects.requireNonNull(document, "document");
      Objects.requireNonNull(ifMissing, "ifMissing");
      owned = Set.copyOf(owned);
    }

    @Override
    public DocumentKey key() {
      return document.key();
    }

    @Override
    public int sizeInBytes() {
      return document.sizeInBytes();
    }

    /**
     * The document that this operation makes of one that stands there.
     *
     * @param stored the body that stands there, one JSON object in UTF-8
     * @return the same with our properties
     * @throws IllegalArgumentException if one of the bodies is no JSON object
     */
    public Document onto(byte[] stored) {
      return Document.ofJson(key(), FieldMerge.merge(stored, document.json(), owned));
    }
  }

  /**
   * Changes parts of the document that stands there, all of them or none. Needs a {@link
   * PatchingDocumentSink}.
   *
   * <p>Where a condition is given, or {@code ifNewer}, and is not met, the document stays, which
   * counts as {@linkplain WriteCallback#unchanged unchanged}.
   *
   * @param key which document
   * @param changes one to ten changes, nine with {@code ifNewer}, in their order
   * @param condition a predicate over the document {@code c} in the target's query language, for
   *     example {@code c.locked = false}; null for none
   * @param ifMissing what to do where no document stands: {@link IfMissing#SKIP} or {@link
   *     IfMissing#REJECT}
   * @param ifNewer only a document whose number {@link Document#SOURCE_VERSION} is less than the
   *     source version, or that has none, is changed, and then carries the version. So one that is
   *     run again after its answer was lost changes nothing the second time
   * @param sourceVersion the commit version that it comes from
   */
  record Patch(
      DocumentKey key,
      List<FieldChange> changes,
      @Nullable String condition,
      IfMissing ifMissing,
      boolean ifNewer,
      long sourceVersion)
      implements DocumentOperation {
    /** How many changes a patch takes at most. */
    public static final int MAX_CHANGES = 10;

    /**
     * Checks and copies.
     *
     * @throws IllegalArgumentException if there are no or too many changes, the document is to be
     *     created, or a change would do harm when it is run again and {@code ifNewer} is false
     */
    public Patch {
      Objects.requireNonNull(key, "key");
      Objects.requireNonNull(ifMissing, "ifMissing");
      changes = List.copyOf(changes);
      int most = ifNewer ? MAX_CHANGES - 1 : MAX_CHANGES;
      if (changes.isEmpty() || changes.size() > most) {
        throw new IllegalArgumentException(
            "A patch has 1 to "
                + most
                + " changes, but "
                + changes.size()
                + " were given. MergeFields has no such bound.");
      }
      if (ifMissing == IfMissing.CREATE) {
        throw new IllegalArgumentException(
            "A patch changes what is there. MergeFields can also create.");
      }
      if (!ifNewer && !changes.stream().allMatch(FieldChange::isRepeatable)) {
        throw new IllegalArgumentException(
            "Adding and incrementing twice differs from doing it once, and an answer can be lost."
                + " Use ifNewer, which lets each version change a document once.");
      }
    }

    @Override
    public int sizeInBytes() {
      return changes.stream().mapToInt(FieldChange::sizeInBytes).sum();
    }

    /** Says how many changes there are, without values. */
    @Override
    public String toString() {
      return "Patch[" + changes.size() + " changes]";
    }
  }

  /** What becomes of a change where no document stands. */
  enum IfMissing {
    /** The document is created of the body. */
    CREATE,
    /** Nothing, which counts as unchanged. */
    SKIP,
    /** The operation is rejected as {@link Rejection.Reason#MISSING}. */
    REJECT
  }

  /**
   * Whether the operation makes a document go.
   *
   * @return true for the three kinds of deletes
   */
  default boolean deletes() {
    return this instanceof Delete
        || this instanceof DeleteIfNewer
        || this instanceof DeleteIfUnmodified;
  }

  /**
   * The body that the operation writes.
   *
   * @return the document, or the part of it that is set; empty for an operation that deletes or
   *     patches
   */
  default Optional<Document> body() {
    if (this instanceof Upsert upsert) {
      return Optional.of(upsert.document());
    }
    if (this instanceof UpsertIfNewer guarded) {
      return Optional.of(guarded.document());
    }
    if (this instanceof Create create) {
      return Optional.of(create.document());
    }
    if (this instanceof ReplaceIfUnmodified replace) {
      return Optional.of(replace.document());
    }
    return this instanceof MergeFields merge ? Optional.of(merge.document()) : Optional.empty();
  }
}
