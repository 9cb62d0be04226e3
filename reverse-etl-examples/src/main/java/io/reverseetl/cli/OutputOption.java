package io.reverseetl.cli;

import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where lines go: standard output, or a file. */
final class OutputOption {
  private static final int BUFFER_BYTES = 1 << 16;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Write to this file instead of standard output.")
  private @Nullable Path file;

  /** Opens the output; closing it flushes standard output and leaves it open. */
  OutputStream open() throws IOException {
    if (file != null) {
      return new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES);
    }
    OutputStream standard = new FileOutputStream(java.io.FileDescriptor.out);
    return new BufferedOutputStream(
        new FilterOutputStream(standard) {
          @Override
          public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
          }

          @Override
          public void close() throws IOException {
            flush();
          }
        },
        BUFFER_BYTES);
  }
}
