package io.reverseetl.cosmos.emulator;

/**
 * What one pass over a document's bytes found out.
 *
 * @param id the {@code id}, or null when it is absent or not a string
 * @param key the values at the partition key's paths
 * @param uniqueValues for every unique key its values in one string, or null when it has none
 * @param values how many scalar values the document holds
 * @param hasSystemProperties whether the sender left properties in that belong to the service
 * @param ttl own time to live in seconds, -1 for never, or {@link #NO_TTL}
 */
record ScannedDocument(
    String id,
    PartitionKeyValue key,
    String[] uniqueValues,
    int values,
    boolean hasSystemProperties,
    long ttl) {
  /** The document does not say how long it lives. */
  static final long NO_TTL = Long.MIN_VALUE;
}
