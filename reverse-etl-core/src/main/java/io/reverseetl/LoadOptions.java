package io.reverseetl;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How a loader loads; the methods of {@link InitialLoader} say what each value means.
 *
 * @param version null for the newest
 * @param checksKeys whether duplicates are looked for
 * @param removesOrphans whether documents are deleted that the version does not make
 * @param spillFolder null for the JVM's folder for temporary files
 */
record LoadOptions(
    @Nullable Long version,
    boolean checksKeys,
    boolean removesOrphans,
    @Nullable Path spillFolder) {
  static final LoadOptions DEFAULT = new LoadOptions(null, true, false, null);
}
