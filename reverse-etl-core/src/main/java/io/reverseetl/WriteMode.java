package io.reverseetl;

import io.reverseetl.document.DocumentOperation.IfMissing;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How documents are written. Immutable.
 *
 * <pre>{@code
 * Pipeline.builder("customers")
 *     .writeMode(WriteMode.ownedFields("name", "segment", "lifetimeValue").ifNewer())
 *     .deletes(Deletes.ownedFields())
 * }</pre>
 */
public final class WriteMode {
  private static final Set<String> FIXED =
      Set.of("id", "ttl", "_rid", "_self", "_etag", "_ts", "_attachments", "_sourceVersion");

  enum Kind {
    UPSERT,
    CREATE,
    REPLACE_IF_UNMODIFIED,
    OWNED_FIELDS
  }

  /** A document replaces whatever stood in its place. This is the default. */
  public static final WriteMode UPSERT =
      new WriteMode(Kind.UPSERT, false, Set.of(), IfMissing.CREATE, null);

  /**
   * A document carries the version that it comes from as {@code _sourceVersion} and never replaces
   * one that carries a greater version, whoever comes late. Deletes keep the same rule; so that a
   * late write cannot bring back a deleted document, use {@link Deletes#soft} or {@link
   * Deletes#tombstone}, with a time to live longer than any request lives.
   *
   * <p>Costs further requests for each document that is there already, and needs a sink that is a
   * {@link io.reverseetl.document.GuardedDocumentSink}.
   */
  public static final WriteMode UPSERT_IF_NEWER =
      new WriteMode(Kind.UPSERT, true, Set.of(), IfMissing.CREATE, null);

  /**
   * A document is written where none stands; one that is there stays as it is, which is no error.
   * For tables that only grow, and for a first load next to what others wrote: a later change of a
   * row does not reach its document, and a deleted row deletes it all the same unless {@link
   * Deletes#ignored} is set.
   *
   * <p>Needs a sink that is a {@link io.reverseetl.document.ConditionalDocumentSink}.
   */
  public static final WriteMode CREATE =
      new WriteMode(Kind.CREATE, false, Set.of(), IfMissing.CREATE, null);

  private final Kind kind;
  private final boolean guarded;
  private final Set<String> fields;
  private final IfMissing ifMissing;
  private final @Nullable String condition;

  private WriteMode(
      Kind kind,
      boolean guarded,
      Set<String> fields,
      IfMissing ifMissing,
      @Nullable String condition) {
    this.kind = kind;
    this.guarded = guarded;
    this.fields = fields;
    this.ifMissing = ifMissing;
    this.condition = condition;
  }

  /**
   * A row that knows the etag of the document that it was made from replaces that document only if
   * nobody changed it since, and a row that knows none only creates. What is not replaced stays as
   * it is, which is no error. So does a deleted row delete.
   *
   * <p>Needs a sink that is a {@link io.reverseetl.document.ConditionalDocumentSink}.
   *
   * @param etagField the top-level property of the mapped document that holds the etag, as text, or
   *     null; it is not written
   * @return the mode
   * @throws IllegalArgumentException if the name is empty or taken
   */
  public static WriteMode replaceIfUnmodified(String etagField) {
    return new WriteMode(
        Kind.REPLACE_IF_UNMODIFIED, false, named(etagField), IfMissing.CREATE, null);
  }

  /**
   * The pipeline owns some top-level properties of its documents, and somebody else the others.
   * What it owns is what the table says: set where the mapper gives it, null included, and taken
   * out where the mapper does not. Everything else in a document that is there survives. Where none
   * is, one is created of id, partition key and the owned properties.
   *
   * <p>Properties that the mapper gives and that are not named here are not written. A property
   * that is not named any more stays in the documents as it is.
   *
   * <p>Needs a sink that is a {@link io.reverseetl.document.PatchingDocumentSink}. What becomes of
   * a document whose row is gone must be said with {@link Pipeline.Builder#deletes}, as the default
   * would delete what others wrote.
   *
   * @param names at least one; without id and partition key, which are written where they have to
   *     be
   * @return the mode
   * @throws IllegalArgumentException if there is none, or one is empty or taken
   */
  public static WriteMode ownedFields(String... names) {
    return new WriteMode(Kind.OWNED_FIELDS, false, named(names), IfMissing.CREATE, null);
  }

  private static Set<String> named(String... names) {
    Set<String> fields = new LinkedHashSet<>(Arrays.asList(names));
    if (fields.isEmpty()) {
      throw new IllegalArgumentException("At least one property must be named.");
    }
    for (String name : fields) {
      if (name.isEmpty() || FIXED.contains(name)) {
        throw new IllegalArgumentException("\"" + name + "\" cannot be such a property.");
      }
    }
    return Collections.unmodifiableSet(fields);
  }

  /**
   * The same mode, where nothing older ever replaces something newer, as for {@link
   * #UPSERT_IF_NEWER}.
   *
   * @return {@link #UPSERT_IF_NEWER} for {@link #UPSERT}; a guarded mode for {@link #ownedFields}
   * @throws IllegalStateException for the other modes
   */
  public WriteMode ifNewer() {
    if (kind == Kind.UPSERT) {
      return UPSERT_IF_NEWER;
    }
    requireOwnedFields("ifNewer");
    return new WriteMode(kind, true, fields, ifMissing, condition);
  }

  /**
   * The same mode, where documents that are not there are not created: their rows are passed over.
   *
   * @return a new mode
   * @throws IllegalStateException if this is not one of {@link #ownedFields}
   */
  public WriteMode skipMissing() {
    requireOwnedFields("skipMissing");
    return new WriteMode(kind, guarded, fields, IfMissing.SKIP, condition);
  }

  /**
   * The same mode, where documents that are not there are not created: their rows are refused, and
   * become dead letters or stop the run.
   *
   * @return a new mode
   * @throws IllegalStateException if this is not one of {@link #ownedFields}
   */
  public WriteMode rejectMissing() {
    requireOwnedFields("rejectMissing");
    return new WriteMode(kind, guarded, fields, IfMissing.REJECT, condition);
  }

  /**
   * The same mode, where only documents that meet a predicate are changed; the others stay as they
   * are, which is no error, and documents that are not there are passed over unless {@link
   * #rejectMissing} is set. Such a target need not equal the table.
   *
   * <p>Under a predicate at most ten properties can be owned, nine with {@link #ifNewer}, and one
   * that the mapper does not give becomes null instead of going.
   *
   * @param predicate a condition over the document {@code c} in the target's query language, for
   *     example {@code c.locked = false}
   * @return a new mode
   * @throws IllegalStateException if this is not one of {@link #ownedFields}
   */
  public WriteMode where(String predicate) {
    requireOwnedFields("where");
    Objects.requireNonNull(predicate, "predicate");
    return new WriteMode(
        kind,
        guarded,
        fields,
        ifMissing == IfMissing.CREATE ? IfMissing.SKIP : ifMissing,
        predicate);
  }

  private void requireOwnedFields(String option) {
    if (kind != Kind.OWNED_FIELDS) {
      throw new IllegalStateException(option + " is for WriteMode.ownedFields, not for " + this);
    }
  }

  Kind kind() {
    return kind;
  }

  /** Whether versions are compared in the target. */
  boolean isGuarded() {
    return guarded;
  }

  /** The owned properties, or the one of the etag. */
  Set<String> fields() {
    return fields;
  }

  IfMissing ifMissing() {
    return ifMissing;
  }

  @Nullable String condition() {
    return condition;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof WriteMode that
        && kind == that.kind
        && guarded == that.guarded
        && ifMissing == that.ifMissing
        && fields.equals(that.fields)
        && Objects.equals(condition, that.condition);
  }

  @Override
  public int hashCode() {
    return Objects.hash(kind, guarded, fields, ifMissing, condition);
  }

  @Override
  public String toString() {
    return kind
        + (guarded ? "_IF_NEWER" : "")
        + (fields.isEmpty() ? "" : fields.toString())
        + (ifMissing == IfMissing.CREATE ? "" : " " + ifMissing + " missing");
  }
}
