package io.reverseetl.spark;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Comparator;
import org.apache.spark.Partitioner;
import org.jspecify.annotations.Nullable;

/** By what changes are shuffled: the document's key, and the commit. Immutable. */
final class ChangeKey implements Serializable {
  private static final long serialVersionUID = 1L;

  private final byte[] key;
  private final long version;

  ChangeKey(byte[] key, long version) {
    this.key = key;
    this.version = version;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ChangeKey that
        && version == that.version
        && Arrays.equals(key, that.key);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(key) + Long.hashCode(version);
  }

  /** As {@link io.reverseetl.KeyedChange#ORDER}. */
  enum Order implements Comparator<ChangeKey> {
    BY_KEY_AND_VERSION;

    @Override
    public int compare(ChangeKey one, ChangeKey other) {
      int keys = Arrays.compareUnsigned(one.key, other.key);
      return keys != 0 ? keys : Long.compare(one.version, other.version);
    }
  }

  /** All changes of a document go to the same share, of whichever commit they are. */
  static final class ByDocument extends Partitioner {
    private static final long serialVersionUID = 1L;

    private final int shares;

    ByDocument(int shares) {
      this.shares = shares;
    }

    @Override
    public int numPartitions() {
      return shares;
    }

    @Override
    public int getPartition(Object key) {
      int hash = Arrays.hashCode(((ChangeKey) key).key);
      // Its low bits alone would be those of the key's last bytes.
      return Math.floorMod(hash ^ (hash >>> 16), shares);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof ByDocument that && shares == that.shares;
    }

    @Override
    public int hashCode() {
      return shares;
    }
  }
}
