package io.reverseetl.delta;

import io.delta.kernel.exceptions.InvalidTableException;
import io.delta.kernel.exceptions.UnsupportedProtocolVersionException;
import io.delta.kernel.exceptions.UnsupportedTableFeatureException;
import io.reverseetl.delta.Shredding.UnsupportedVariantException;
import io.reverseetl.exceptions.ReverseEtlException;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.exceptions.TableReadException.Reason;
import io.reverseetl.storage.FileChangedException;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Makes of everything that Kernel, Hadoop, Parquet and the file system throw a {@link
 * TableReadException} that says what failed, why, and what to do.
 */
final class ReadErrors {
  private static final int MAX_DEPTH = 20;

  private final String table;

  ReadErrors(String tableUri) {
    this.table = Redaction.uri(tableUri);
  }

  /** The table's URI, fit to be shown. */
  String table() {
    return table;
  }

  TableReadException of(Reason reason, String action, String why, @Nullable Throwable cause) {
    return new TableReadException(
        reason, "Cannot " + action + " of table \"" + table + "\": " + why, cause);
  }

  /**
   * For a failure while the log was read.
   *
   * @param action what could not be done, as in "Cannot {action} of table ..."
   */
  RuntimeException log(Throwable failure, String action) {
    RuntimeException common = common(failure, action, null);
    if (common != null) {
      return common;
    }
    if (find(failure, InvalidTableException.class) != null) {
      return of(
          Reason.CORRUPT_LOG,
          action,
          "the log is not whole (" + summary(failure) + "). Restore the missing log files.",
          failure);
    }
    if (isStorageFailure(failure)) {
      return unavailable(failure, action);
    }
    return of(
        Reason.CORRUPT_LOG,
        action,
        "the log cannot be understood ("
            + summary(failure)
            + "). Restore it from a backup, or read an earlier version.",
        failure);
  }

  /** For a failure while a data file, or its deletion vector, was read. */
  RuntimeException data(Throwable failure, String action, String file) {
    RuntimeException common = common(failure, action, file);
    if (common != null) {
      return common;
    }
    if (find(failure, StorageException.class) != null) {
      return unavailable(failure, action);
    }
    return of(
        Reason.CORRUPT_FILE,
        action,
        "file \""
            + Redaction.uri(file)
            + "\" cannot be understood ("
            + summary(failure)
            + "). Restore it from a backup, or read another version.",
        failure);
  }

  private TableReadException unavailable(Throwable failure, String action) {
    return of(
        Reason.UNAVAILABLE,
        action,
        "the storage failed (" + summary(failure) + "). Try again later.",
        failure);
  }

  private @Nullable RuntimeException common(
      Throwable failure, String action, @Nullable String file) {
    ReverseEtlException own = find(failure, ReverseEtlException.class);
    if (own != null) {
      return own;
    }
    if (isInterrupt(failure)) {
      Thread.currentThread().interrupt();
      return of(Reason.INTERRUPTED, action, "the thread was interrupted.", failure);
    }
    if (find(failure, UnsupportedTableFeatureException.class) != null
        || find(failure, UnsupportedProtocolVersionException.class) != null
        || find(failure, UnsupportedVariantException.class) != null) {
      return unsupported(failure, action);
    }
    String message = messages(failure);
    if (message.contains("maxCatalogVersion")) {
      return of(
          Reason.UNSUPPORTED_FEATURE,
          action,
          "the table feature \"catalogManaged\" is not supported: a catalog, not the log alone,"
              + " says what the table's versions are. Read it through its catalog.",
          failure);
    }
    if (message.contains("unsupported Delta data type")) {
      return unsupported(failure, action);
    }
    if (isMissingFile(failure)) {
      String name = file == null ? "a log file" : "file \"" + Redaction.uri(file) + "\"";
      return of(
          Reason.FILE_NOT_FOUND,
          action,
          name
              + " is gone ("
              + summary(failure)
              + "). VACUUM may have removed it: read a newer version.",
          failure);
    }
    if (find(failure, FileChangedException.class) != null) {
      return of(
          Reason.FILE_CHANGED,
          action,
          summary(failure)
              + ". Try again; if it is a data file, which nobody may write twice, restore it.",
          failure);
    }
    if (isAccessDenied(failure, message)) {
      return of(
          Reason.ACCESS_DENIED,
          action,
          "the storage refused access ("
              + summary(failure)
              + "). Check the credentials and their permissions.",
          failure);
    }
    return null;
  }

  private TableReadException unsupported(Throwable failure, String action) {
    return of(
        Reason.UNSUPPORTED_FEATURE,
        action,
        "it uses a feature that this library cannot read ("
            + summary(failure)
            + "). Drop the feature from the table, or use a newer version of this library.",
        failure);
  }

  private static boolean isInterrupt(Throwable failure) {
    for (Throwable cause : chain(failure)) {
      if (cause instanceof InterruptedException
          || cause instanceof ClosedByInterruptException
          || (cause instanceof InterruptedIOException
              && !(cause instanceof SocketTimeoutException))) {
        return true;
      }
    }
    return false;
  }

  static boolean isMissingFile(Throwable failure) {
    return find(failure, FileNotFoundException.class) != null
        || find(failure, NoSuchFileException.class) != null;
  }

  private static boolean isAccessDenied(Throwable failure, String messages) {
    for (Throwable cause : chain(failure)) {
      if (cause instanceof AccessDeniedException
          || cause.getClass().getSimpleName().equals("AccessControlException")) {
        return true;
      }
    }
    if (find(failure, IOException.class) == null) {
      return false;
    }
    String text = messages.toLowerCase(Locale.ROOT);
    return text.contains("permission denied")
        || text.contains("status code: 403")
        || text.contains("status code: 401")
        || text.contains("statuscode=403")
        || text.contains("statuscode=401")
        || text.contains("authorizationpermissionmismatch")
        || text.contains("authenticationfailed");
  }

  /** Parquet reports bytes of a checkpoint that make no sense as an {@link IOException}, too. */
  private static boolean isStorageFailure(Throwable failure) {
    return find(failure, StorageException.class) != null
        || (find(failure, IOException.class) != null
            && find(failure, EOFException.class) == null
            && !messages(failure).toLowerCase(Locale.ROOT).contains("parquet"));
  }

  static <T> @Nullable T find(Throwable failure, Class<T> type) {
    for (Throwable cause : chain(failure)) {
      if (type.isInstance(cause)) {
        return type.cast(cause);
      }
    }
    return null;
  }

  private static String messages(Throwable failure) {
    StringBuilder all = new StringBuilder();
    chain(failure).forEach(cause -> all.append(cause.getMessage()).append('\n'));
    return all.toString();
  }

  private static List<Throwable> chain(Throwable failure) {
    List<Throwable> chain = new ArrayList<>();
    for (Throwable t = failure; t != null && chain.size() < MAX_DEPTH; t = t.getCause()) {
      chain.add(t);
    }
    return chain;
  }

  /** The innermost message, short, without secrets. */
  private static String summary(Throwable failure) {
    List<Throwable> chain = chain(failure);
    Throwable root = chain.get(chain.size() - 1);
    String message = root.getMessage();
    String text =
        message == null || message.isBlank() ? root.getClass().getSimpleName() : message.strip();
    int end = text.indexOf('\n');
    text = end < 0 ? text : text.substring(0, end);
    text = text.length() > 300 ? text.substring(0, 300) + "..." : text;
    return Redaction.text(text.endsWith(".") ? text.substring(0, text.length() - 1) : text);
  }
}
