package io.reverseetl.azure;

import io.reverseetl.storage.StoredFile;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lists a Delta log from a version on where the service can list only what begins with a prefix.
 * The files of a version begin with it, as twenty digits; so those of a hundred versions have
 * eighteen digits in common. Versions have no gaps: where a block does not reach its end, the log
 * does not go on.
 */
final class VersionBlocks {
  private static final Pattern VERSION = Pattern.compile("(\\d{20})\\..*", Pattern.DOTALL);
  private static final int DIGITS = 20;

  private final AzurePath from;
  private final Function<String, List<StoredFile>> byPrefix;

  /**
   * For one listing.
   *
   * @param from the first name that is wanted
   * @param byPrefix lists what begins with a prefix and is not less than that name
   */
  VersionBlocks(AzurePath from, Function<String, List<StoredFile>> byPrefix) {
    this.from = from;
    this.byPrefix = byPrefix;
  }

  /** From the first versions on, all of it is wanted. */
  static boolean canNarrow(String name) {
    Matcher version = VERSION.matcher(name);
    return version.matches() && version.group(1).compareTo("0".repeat(18) + "99") > 0;
  }

  Iterator<StoredFile> files() {
    String folder = from.folder();
    long version = Long.parseLong(from.name().substring(0, DIGITS));
    List<StoredFile> found = new ArrayList<>();
    int open = 2;
    while (true) {
      long size = pow10(open);
      long last = version / size * size + size - 1;
      List<StoredFile> block = byPrefix.apply(folder + digits(version).substring(0, DIGITS - open));
      found.addAll(block);
      if (found.isEmpty()) {
        // Older versions may have been cleaned away, or the table was made anew.
        return byPrefix.apply(folder).iterator();
      }
      if (!reaches(block, folder + digits(last))) {
        return found.iterator();
      }
      version = last + 1;
      while (open < 6 && version % pow10(open + 1) == 0) {
        open++;
      }
    }
  }

  private boolean reaches(List<StoredFile> block, String path) {
    String first = from.withPath(path).toString() + ".";
    return block.stream().anyMatch(file -> file.path().startsWith(first));
  }

  private static String digits(long version) {
    return String.format(Locale.ROOT, "%020d", version);
  }

  private static long pow10(int digits) {
    long power = 1;
    for (int i = 0; i < digits; i++) {
      power *= 10;
    }
    return power;
  }
}
