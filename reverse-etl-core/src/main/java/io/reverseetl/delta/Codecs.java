package io.reverseetl.delta;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import io.airlift.compress.MalformedInputException;
import io.airlift.compress.lz4.Lz4Decompressor;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Supplier;
import java.util.zip.GZIPInputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.jspecify.annotations.Nullable;
import org.xerial.snappy.Snappy;

/**
 * Unpacks the pages of Parquet files without Hadoop: Parquet's own codecs are Hadoop's, and want
 * its configuration.
 */
final class Codecs implements CompressionCodecFactory {
  /** Unpacks a page whose size is known. */
  private interface Unpacker {
    byte[] unpack(byte[] packed, int size) throws IOException;
  }

  private final Supplier<CompressionCodecFactory> others;
  private @Nullable CompressionCodecFactory other;

  private Codecs(Supplier<CompressionCodecFactory> others) {
    this.others = others;
  }

  /** What is unpacked here, and nothing else. */
  static CompressionCodecFactory own() {
    return new Codecs(Unknown::new);
  }

  /** What is unpacked here, and what others unpack, who are only made if one of theirs is met. */
  static CompressionCodecFactory orElse(Supplier<CompressionCodecFactory> others) {
    return new Codecs(others);
  }

  @Override
  public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
    return switch (codec) {
      case UNCOMPRESSED -> new Pages((packed, size) -> packed);
      case SNAPPY -> new Pages(Codecs::snappy);
      case GZIP -> new Pages(Codecs::gzip);
      case ZSTD -> new Pages(Codecs::zstd);
      case LZ4_RAW -> new Pages(Codecs::lz4);
      case LZO, BROTLI, LZ4 -> {
        if (other == null) {
          other = others.get();
        }
        yield other.getDecompressor(codec);
      }
    };
  }

  private static byte[] snappy(byte[] packed, int size) throws IOException {
    byte[] bytes = new byte[size];
    check(Snappy.uncompress(packed, 0, packed.length, bytes, 0), size);
    return bytes;
  }

  private static byte[] gzip(byte[] packed, int size) throws IOException {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
      byte[] bytes = new byte[size];
      check(in.readNBytes(bytes, 0, size), size);
      return bytes;
    }
  }

  private static byte[] zstd(byte[] packed, int size) throws IOException {
    byte[] bytes = new byte[size];
    try {
      check(Zstd.decompressByteArray(bytes, 0, size, packed, 0, packed.length), size);
    } catch (ZstdException e) {
      throw new IOException("a page cannot be unpacked", e);
    }
    return bytes;
  }

  private static byte[] lz4(byte[] packed, int size) throws IOException {
    byte[] bytes = new byte[size];
    try {
      check(new Lz4Decompressor().decompress(packed, 0, packed.length, bytes, 0, size), size);
    } catch (MalformedInputException e) {
      throw new IOException("a page cannot be unpacked", e);
    }
    return bytes;
  }

  private static void check(long found, int size) throws EOFException {
    if (found != size) {
      throw new EOFException("A page should have " + size + " bytes, but has " + found + ".");
    }
  }

  private record Pages(Unpacker unpacker) implements BytesInputDecompressor {
    @Override
    @SuppressWarnings("deprecation") // The codec wants an array, and this copies no more than that.
    public BytesInput decompress(BytesInput packed, int size) throws IOException {
      return BytesInput.from(unpacker.unpack(packed.toByteArray(), size));
    }

    @Override
    public void decompress(ByteBuffer packed, int packedSize, ByteBuffer out, int size)
        throws IOException {
      byte[] bytes = new byte[packedSize];
      packed.get(bytes);
      out.put(unpacker.unpack(bytes, size));
    }

    @Override
    public void release() {}
  }

  @Override
  public BytesInputCompressor getCompressor(CompressionCodecName codec) {
    throw new UnsupportedOperationException("Tables are only read.");
  }

  @Override
  public void release() {
    if (other != null) {
      other.release();
      other = null;
    }
  }

  /** Knows nothing. */
  private static final class Unknown implements CompressionCodecFactory {
    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
      throw new UnsupportedOperationException(
          "it is compressed with " + codec + ", which this library cannot unpack");
    }

    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName codec) {
      throw new UnsupportedOperationException("Tables are only read.");
    }

    @Override
    public void release() {}
  }
}
