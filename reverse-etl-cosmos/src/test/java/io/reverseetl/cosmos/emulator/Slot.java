package io.reverseetl.cosmos.emulator;

/**
 * A document's place in a partition range: its identity, and its current version or null once it is
 * deleted. Guarded by the range's lock.
 */
final class Slot {
  final Address address;

  /** Effective partition key, the place in the container's key space. */
  final byte[] effectiveKey;

  /** Number of the document inside the container; a document made anew gets a new one. */
  final long documentNumber;

  Version version;

  Slot(Address address, byte[] effectiveKey, long documentNumber) {
    this.address = address;
    this.effectiveKey = effectiveKey;
    this.documentNumber = documentNumber;
  }

  /** What makes a document unique in its container. */
  record Address(PartitionKeyValue key, String id) {
    @Override
    public int hashCode() {
      return key.hashCode() * 31 + id.hashCode();
    }
  }

  /**
   * One stored state of a document.
   *
   * @param body what the client sent, without system properties, in UTF-8
   * @param etag number behind the etag
   * @param timestamp seconds since the epoch
   * @param lsn position in the range's order of writes
   * @param ttl own time to live in seconds, or {@link ScannedDocument#NO_TTL}
   * @param values number of scalar values, for the charge
   * @param uniqueValues values under the unique keys, or null when there are none
   */
  record Version(
      byte[] body,
      long etag,
      long timestamp,
      long lsn,
      long ttl,
      int values,
      String[] uniqueValues) {}
}
