package io.reverseetl.storage;

import java.io.IOException;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * A storage that tables are read from. It only reads, and it neither caches nor looks ahead: what
 * is worth reading early is known by who reads, see {@code
 * io.reverseetl.delta.DeltaTableSource.Builder#storage}. Thread-safe: several threads read at the
 * same time.
 *
 * <p>It tries again what is worth it by itself. What it throws in the end is
 *
 * <ul>
 *   <li>a {@link java.io.FileNotFoundException} for a file that is not there,
 *   <li>a {@link java.nio.file.AccessDeniedException} if the credentials are refused,
 *   <li>a {@link FileChangedException} if the file was written since the state that is asked for,
 *   <li>a {@link java.io.InterruptedIOException} if the thread is interrupted,
 *   <li>another {@link IOException} if the storage does not answer as it should.
 * </ul>
 *
 * <p>None of them, and no path, holds a secret: messages are shown and logged, paths are stored.
 */
public interface LakeStorage {

  /**
   * The one form of a path: equal files have equal paths, whichever way they were written, and what
   * lies below a folder begins with the folder's path and a slash. Without credentials, without
   * percent-encoding after the host, without a slash at the end. A path of that form stays as it
   * is. Asks nobody.
   *
   * @param uri a file or folder as people or logs write it
   * @return its path, with a scheme
   * @throws IllegalArgumentException if this storage does not read such URIs
   */
  String resolve(String uri);

  /**
   * Lists the files and folders next to a file, without those below them.
   *
   * @param path where to begin, which need not be there
   * @return those whose name is equal to or greater than that of the path, in the order of their
   *     UTF-8 names; nothing if the folder is not there. May ask for more while it is used, and
   *     then throws an {@link java.io.UncheckedIOException}
   * @throws IOException if it cannot be listed
   */
  Iterator<StoredFile> listFrom(String path) throws IOException;

  /**
   * Looks at one file.
   *
   * @param path which file
   * @return the file
   * @throws IOException if it is not there, or cannot be looked at
   */
  StoredFile find(String path) throws IOException;

  /**
   * Reads a range of a file. Several ranges of one file are asked for with the state that the first
   * of them had, so that all are of one state, or it shows.
   *
   * @param path which file
   * @param offset the first byte, at least 0
   * @param length how many bytes, at least 1
   * @param state the state that they must be of, as an earlier reading of the file gave it; null
   *     for whichever it is in now
   * @return as many bytes, and their state; fewer only if the file ends before, and none from its
   *     end on
   * @throws FileChangedException if the file is in another state
   * @throws IOException if they cannot be read
   */
  StoredRange read(String path, long offset, int length, @Nullable String state) throws IOException;
}
