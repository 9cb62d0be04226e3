package io.reverseetl.cosmos.emulator;

/** What a request asks for: the selector of {@link Faults} and the label in {@link CallLog}. */
public enum EmulatorOperation {
  READ_ACCOUNT,
  CREATE_DATABASE,
  READ_DATABASE,
  DELETE_DATABASE,
  LIST_DATABASES,
  CREATE_CONTAINER,
  READ_CONTAINER,
  REPLACE_CONTAINER,
  DELETE_CONTAINER,
  LIST_CONTAINERS,
  READ_PARTITION_KEY_RANGES,
  CREATE,
  UPSERT,
  READ,
  REPLACE,
  PATCH,
  DELETE,
  DELETE_BY_PARTITION_KEY,
  /** Independent operations in one request, as the client's bulk mode sends them. */
  BULK_BATCH,
  /** All or nothing within one logical partition. */
  TRANSACTIONAL_BATCH,
  QUERY_PLAN,
  QUERY,
  CHANGE_FEED,
  READ_FEED,
  QUERY_OFFERS,
  READ_OFFER,
  REPLACE_OFFER,
  /** Anything that the emulator does not know. */
  UNSUPPORTED
}
