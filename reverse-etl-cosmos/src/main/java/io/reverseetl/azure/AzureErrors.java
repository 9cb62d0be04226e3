package io.reverseetl.azure;

import com.azure.core.exception.ClientAuthenticationException;
import com.azure.storage.blob.models.BlobErrorCode;
import com.azure.storage.blob.models.BlobStorageException;
import io.reverseetl.storage.FileChangedException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.AccessDeniedException;
import java.util.regex.Pattern;

/**
 * Makes of what the Azure client throws what {@link io.reverseetl.storage.LakeStorage} promises.
 * The client's exceptions are not passed on as causes: their messages hold the service's answer,
 * which may tell the signed part of a request.
 */
final class AzureErrors {
  private static final int MAX_DEPTH = 20;
  private static final Pattern QUERY = Pattern.compile("\\?[^\\s\"']*");

  private AzureErrors() {}

  /** Whether a range begins at or after the end of the file. */
  static boolean isBeyondEnd(RuntimeException failure) {
    return failure instanceof BlobStorageException answer
        && (answer.getStatusCode() == 416
            || BlobErrorCode.INVALID_RANGE.equals(answer.getErrorCode()));
  }

  /** Whether the service does not take a parameter of a request. */
  static boolean isUnknownParameter(RuntimeException failure) {
    return failure instanceof BlobStorageException answer && answer.getStatusCode() == 400;
  }

  static IOException translate(RuntimeException failure, AzurePath path) {
    BlobStorageException answer = find(failure, BlobStorageException.class);
    if (isInterrupt(failure)) {
      Thread.currentThread().interrupt();
      return new InterruptedIOException("interrupted");
    }
    if (answer != null) {
      return ofAnswer(answer, path);
    }
    Throwable root = root(failure);
    String why = root.getClass().getSimpleName() + ": " + firstLine(root);
    if (find(failure, ClientAuthenticationException.class) != null
        || root.getClass().getSimpleName().startsWith("CredentialUnavailable")) {
      return new AccessDeniedException(path.toString(), null, "no token: " + why);
    }
    return new IOException("no answer from " + path.host() + " (" + why + ")");
  }

  private static IOException ofAnswer(BlobStorageException answer, AzurePath path) {
    BlobErrorCode code = answer.getErrorCode();
    String why = "status " + answer.getStatusCode() + (code == null ? "" : ", " + code);
    return switch (answer.getStatusCode()) {
      case 404 -> new FileNotFoundException("There is no " + path + " (" + why + ").");
      case 401, 403 -> new AccessDeniedException(path.toString(), null, why);
      case 409 ->
          new AccessDeniedException(
              path.toString(), null, why + "; public access is off and no credential was given?");
      case 412 -> new FileChangedException(path + " was written while it was read (" + why + ")");
      default -> new IOException(path.host() + " answered with " + why);
    };
  }

  private static boolean isInterrupt(Throwable failure) {
    return Thread.currentThread().isInterrupted()
        || find(failure, InterruptedException.class) != null;
  }

  private static <T> @org.jspecify.annotations.Nullable T find(Throwable failure, Class<T> type) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
      if (type.isInstance(cause)) {
        return type.cast(cause);
      }
      cause = cause.getCause();
    }
    return null;
  }

  private static Throwable root(Throwable failure) {
    Throwable root = failure;
    for (int depth = 0; root.getCause() != null && depth < MAX_DEPTH; depth++) {
      root = root.getCause();
    }
    return root;
  }

  private static String firstLine(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    int end = message.indexOf('\n');
    return QUERY.matcher(end < 0 ? message : message.substring(0, end)).replaceAll("");
  }
}
