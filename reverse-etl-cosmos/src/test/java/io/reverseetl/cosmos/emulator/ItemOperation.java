package io.reverseetl.cosmos.emulator;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** One operation on one document, from a request of its own or out of a batch. */
final class ItemOperation {
  /** What is done. */
  enum Kind {
    CREATE,
    UPSERT,
    REPLACE,
    DELETE,
    READ,
    PATCH
  }

  Kind kind;

  /** Null for an operation inside an atomic batch until the batch's key is filled in. */
  PartitionKeyValue key;

  /** From the path or the batch entry; for create and upsert from the document. */
  String id;

  /** Only for create, upsert and replace. */
  byte[] body;

  /** Only for create, upsert and replace. */
  ScannedDocument document;

  /** Only for patch: {@code operations} and {@code condition}. */
  ObjectNode patch;

  String ifMatch;
  String ifNoneMatch;
  boolean minimalReturn;

  /** Why the operation cannot even be tried, found while it was read. */
  CosmosError malformed;

  boolean isWrite() {
    return kind != Kind.READ;
  }

  boolean carriesDocument() {
    return kind == Kind.CREATE || kind == Kind.UPSERT || kind == Kind.REPLACE;
  }
}
