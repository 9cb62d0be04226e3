package io.reverseetl.delta;

import io.delta.kernel.defaults.engine.fileio.FileIO;
import io.delta.kernel.defaults.engine.fileio.OutputFile;

/** Files of which none is written: tables are only read. */
interface ReadOnlyFileIO extends FileIO {
  @Override
  default boolean mkdirs(String path) {
    throw readOnly();
  }

  @Override
  default OutputFile newOutputFile(String path) {
    throw readOnly();
  }

  @Override
  default boolean delete(String path) {
    throw readOnly();
  }

  @Override
  default void copyFileAtomically(String from, String to, boolean overwrite) {
    throw readOnly();
  }

  /** What is thrown where Kernel asks to write. */
  static UnsupportedOperationException readOnly() {
    return new UnsupportedOperationException("Tables are only read.");
  }
}
