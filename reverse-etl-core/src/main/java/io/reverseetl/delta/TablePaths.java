package io.reverseetl.delta;

import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.exceptions.TableReadException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Finds the files that a log names: decodes the percent-encoded paths of actions, resolves them
 * against the table's root, and refuses those that lead out of it.
 */
final class TablePaths {
  private static final Pattern ABSOLUTE =
      Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:/.*", Pattern.DOTALL);

  private final String root;
  private final boolean allowOutside;
  private final UnaryOperator<String> storageForm;

  /**
   * For one table.
   *
   * @param root the table's root in Kernel's form, not percent-encoded
   * @param allowOutside whether files outside the root may be read
   */
  TablePaths(String root, boolean allowOutside) {
    this(root, allowOutside, UnaryOperator.identity());
  }

  /**
   * For one table of a storage that knows one form of its paths.
   *
   * @param storageForm gives an absolute path in that form
   */
  TablePaths(String root, boolean allowOutside, UnaryOperator<String> storageForm) {
    this.root = canonical(root);
    this.allowOutside = allowOutside;
    this.storageForm = storageForm;
  }

  /** A path in its two forms: relative to the root where it is below it, and whole. */
  record Resolved(String id, String path) {}

  /**
   * Resolves the path of an action.
   *
   * @param encoded as it is in the log
   * @throws TableReadException if it leads out of the root, and that is not allowed
   */
  Resolved resolve(String encoded) {
    String decoded = decode(encoded);
    boolean absolute = ABSOLUTE.matcher(decoded).matches() || decoded.startsWith("/");
    String path = canonical(absolute ? inStorageForm(withScheme(decoded)) : root + "/" + decoded);
    if (path.startsWith(root + "/")) {
      if (!allowOutside) {
        checkLinks(path);
      }
      return new Resolved(path.substring(root.length() + 1), path);
    }
    if (!allowOutside) {
      throw outside(path);
    }
    return new Resolved(path, path);
  }

  /**
   * The last look before the storage is asked, whoever wants to read: log files, sidecars and
   * deletion vectors may be named by absolute paths, too.
   *
   * @param path a whole path, not percent-encoded
   * @return its one form
   * @throws TableReadException if it leads out of the root, and that is not allowed
   */
  String confine(String path) {
    String inside = canonical(inStorageForm(path));
    if (!allowOutside && !inside.equals(root) && !inside.startsWith(root + "/")) {
      throw outside(inside);
    }
    return inside;
  }

  private String inStorageForm(String path) {
    try {
      return storageForm.apply(path);
    } catch (IllegalArgumentException e) {
      throw new TableReadException(
          Reason.FILE_OUTSIDE_TABLE,
          "The log of table \""
              + Redaction.uri(root)
              + "\" names a file in another storage: \""
              + Redaction.uri(path)
              + "\". This source reads one storage only.",
          e);
    }
  }

  private TableReadException outside(String path) {
    return new TableReadException(
        Reason.FILE_OUTSIDE_TABLE,
        "The log of table \""
            + Redaction.uri(root)
            + "\" names a file outside the table: \""
            + Redaction.uri(path)
            + "\". Shallow clones do so. If you trust the table, open it with"
            + " allowFilesOutsideTable(true).");
  }

  /** A symbolic link inside a local table may lead out of it as well. */
  private void checkLinks(String path) {
    if (!root.startsWith("file:")) {
      return;
    }
    Path real;
    try {
      real = LocalFileIO.toLocalPath(path).toRealPath();
      if (real.startsWith(LocalFileIO.toLocalPath(root).toRealPath())) {
        return;
      }
    } catch (IOException e) {
      return; // a missing file is reported when it is read
    }
    throw outside(LocalFileIO.toKernelPath(real));
  }

  /** An absolute path without a scheme is in the root's file system. */
  private String withScheme(String path) {
    if (!path.startsWith("/")) {
      return path;
    }
    int authority = root.indexOf("://");
    if (authority < 0) {
      return root.substring(0, root.indexOf(':') + 1) + path;
    }
    int start = root.indexOf('/', authority + 3);
    return (start < 0 ? root : root.substring(0, start)) + path;
  }

  /** Without {@code .}, {@code ..} and empty segments, and with one form for local files. */
  private static String canonical(String uri) {
    int colon = uri.indexOf(':');
    int slash = uri.indexOf('/');
    String scheme = colon > 0 && colon < slash ? uri.substring(0, colon + 1) : "file:";
    String rest = scheme.equals("file:") && colon != 4 ? uri : uri.substring(scheme.length());
    String authority = "";
    if (rest.startsWith("//")) {
      int end = rest.indexOf('/', 2);
      authority = end < 0 ? rest : rest.substring(0, end);
      rest = end < 0 ? "" : rest.substring(end);
      if (scheme.equals("file:")) {
        authority = "";
      }
    }
    Deque<String> segments = new ArrayDeque<>();
    for (String segment : rest.split("/", -1)) {
      if (segment.equals("..")) {
        segments.pollLast();
      } else if (!segment.isEmpty() && !segment.equals(".")) {
        segments.addLast(segment);
      }
    }
    return scheme + authority + "/" + String.join("/", segments);
  }

  /** Percent-decodes; what is no valid escape stays as it is. */
  static String decode(String encoded) {
    if (encoded.indexOf('%') < 0) {
      return encoded;
    }
    byte[] bytes = encoded.getBytes(StandardCharsets.UTF_8);
    ByteBuffer out = ByteBuffer.allocate(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
      int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
      if (bytes[i] == '%' && high >= 0 && low >= 0) {
        out.put((byte) (high << 4 | low));
        i += 2;
      } else {
        out.put(bytes[i]);
      }
    }
    return new String(out.array(), 0, out.position(), StandardCharsets.UTF_8);
  }
}
