package io.reverseetl.storage;

import java.time.Duration;

/**
 * What reading a table has asked of its {@link LakeStorage} so far.
 *
 * @param listings how often a folder was listed; a long one takes the storage several requests
 * @param lookups how often a file was looked at without reading it
 * @param reads how many ranges of files were read
 * @param bytesRead how many bytes these had
 * @param waited how long threads that wanted bytes waited for them, added up over the threads; what
 *     was read before it was wanted does not count
 */
public record StorageStatistics(
    long listings, long lookups, long reads, long bytesRead, Duration waited) {

  /**
   * The difference to an earlier look.
   *
   * @param earlier what the same source gave before
   * @return what came since
   */
  public StorageStatistics since(StorageStatistics earlier) {
    return new StorageStatistics(
        listings - earlier.listings,
        lookups - earlier.lookups,
        reads - earlier.reads,
        bytesRead - earlier.bytesRead,
        waited.minus(earlier.waited));
  }
}
