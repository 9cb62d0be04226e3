package io.reverseetl.storage;

import java.io.IOException;

/** A file was written again while it was read: what was read before, and what follows, differ. */
public class FileChangedException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * About one file.
   *
   * @param message which file, and how it shows; without secrets
   */
  public FileChangedException(String message) {
    super(message);
  }
}
