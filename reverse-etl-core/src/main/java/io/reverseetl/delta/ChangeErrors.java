package io.reverseetl.delta;

import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.exceptions.ChangesUnavailableException.Reason;
import io.reverseetl.exceptions.TableReadException;
import org.jspecify.annotations.Nullable;

/** Says why the changes of one range cannot be had. */
final class ChangeErrors {
  private static final String RELOAD = " Load the table again, and read changes from there.";

  private final ReadErrors errors;
  private final String range;

  /**
   * For one range.
   *
   * @param range such as "12..40", or "from 12"
   */
  ChangeErrors(ReadErrors errors, String range) {
    this.errors = errors;
    this.range = range;
  }

  ReadErrors reading() {
    return errors;
  }

  /** What is done, as in "Cannot {action} of table ...". */
  String action() {
    return "read changes " + range;
  }

  private ChangesUnavailableException of(
      Reason reason, @Nullable Long version, String why, @Nullable Throwable cause) {
    return new ChangesUnavailableException(
        reason,
        version,
        "Cannot " + action() + " of table \"" + errors.table() + "\": " + why,
        cause);
  }

  ChangesUnavailableException feedOff(long version) {
    return of(
        Reason.FEED_OFF,
        version,
        "the change data feed is off at version "
            + version
            + ". Set delta.enableChangeDataFeed, load the table again and read changes from there;"
            + " or read with ChangeMethod.DIFF, which needs no feed.",
        null);
  }

  ChangesUnavailableException cleaned(long earliest, @Nullable Throwable cause) {
    return of(
        Reason.HISTORY_CLEANED,
        earliest,
        "the earliest version that the log still has is " + earliest + "." + RELOAD,
        cause);
  }

  ChangesUnavailableException vacuumed(long version, String file, @Nullable Throwable cause) {
    return of(
        Reason.FILES_VACUUMED,
        version,
        "version "
            + version
            + " needs file \""
            + Redaction.uri(file)
            + "\", which is gone; VACUUM may have removed it."
            + RELOAD,
        cause);
  }

  ChangesUnavailableException vacuumedMeanwhile(long version, Throwable cause) {
    return of(
        Reason.FILES_VACUUMED,
        version,
        "a file of version "
            + version
            + " was deleted while the range was read; VACUUM may have removed it."
            + RELOAD,
        cause);
  }

  ChangesUnavailableException beyondLatest(long latest) {
    return of(
        Reason.BEYOND_LATEST,
        latest,
        "the newest version is " + latest + ". Read from " + (latest + 1) + " at most.",
        null);
  }

  ChangesUnavailableException fewerVersions(long latest) {
    return of(
        Reason.TABLE_REPLACED,
        latest,
        "the table now has versions up to "
            + latest
            + " only; it was created anew, or put back to an earlier state."
            + RELOAD,
        null);
  }

  ChangesUnavailableException otherTable(String wanted, String found, @Nullable Long version) {
    return of(
        Reason.TABLE_REPLACED,
        version,
        "another table stands there: its id is " + found + ", not " + wanted + "." + RELOAD,
        null);
  }

  ChangesUnavailableException incompatible(long version, long readVersion, String why) {
    return of(
        Reason.INCOMPATIBLE_SCHEMA,
        version,
        "version "
            + version
            + " does not fit the schema of version "
            + readVersion
            + ", with which the range is read: "
            + why
            + ". Read with SchemaMode.PER_COMMIT, or load the table again.",
        null);
  }

  TableReadException corruptLog(long version, String why) {
    return errors.of(
        TableReadException.Reason.CORRUPT_LOG,
        action(),
        "version " + version + " " + why + ". Load the table again, and read changes from there.",
        null);
  }

  TableReadException hole(long missing) {
    return errors.of(
        TableReadException.Reason.CORRUPT_LOG,
        action(),
        "the log has later versions, but not version "
            + missing
            + ". Restore the missing log file, or load the table again.",
        null);
  }
}
