package io.reverseetl.delta;

import java.io.IOException;

/**
 * The storage failed, as opposed to: the bytes that it gave make no sense. Parquet reports both as
 * {@link IOException}; this one tells them apart.
 */
final class StorageException extends IOException {
  private static final long serialVersionUID = 1L;

  StorageException(IOException cause) {
    super(cause.getMessage(), cause);
  }
}
