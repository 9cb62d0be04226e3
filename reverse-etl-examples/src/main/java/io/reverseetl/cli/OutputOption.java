package io.reverseetl.cli;

import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where lines go, in UTF-8: standard output, or a file. */
final class OutputOption {
  private static final int BUFFER_CHARACTERS = 1 << 16;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Write to this file instead of standard output.")
  private @Nullable Path file;

  /** Opens the output; closing it flushes standard output and leaves it open. */
  Writer open() throws IOException {
    OutputStream bytes = file != null ? Files.newOutputStream(file) : standardOutput();
    return new BufferedWriter(
        new OutputStreamWriter(bytes, StandardCharsets.UTF_8), BUFFER_CHARACTERS);
  }

  private static OutputStream standardOutput() {
    return new FilterOutputStream(new FileOutputStream(FileDescriptor.out)) {
      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
      }

      @Override
      public void close() throws IOException {
        flush();
      }
    };
  }
}
