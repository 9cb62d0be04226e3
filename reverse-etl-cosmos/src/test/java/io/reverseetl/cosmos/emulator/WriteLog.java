package io.reverseetl.cosmos.emulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32;

/**
 * Everything that was written, one entry after another in one file, replayed at the next start.
 *
 * <p>An entry is a length, a checksum and a payload; a torn last entry, as a killed process leaves
 * it, is cut off. Entries reach the operating system before the client's answer is sent: they
 * outlive the process, not the machine. Thread-safe.
 */
final class WriteLog implements Closeable {
  private static final String FILE = "cosmos-emulator.log";
  private static final int HEADER_BYTES = 8;
  private static final byte METADATA = 'm';
  private static final byte PUT = 'p';
  private static final byte DELETE = 'd';

  private final FileChannel channel;
  private final FileLock fileLock;

  /** Receives the entries of a file in their order. */
  interface Replay {
    void metadata(ObjectNode event);

    void put(
        int database,
        int container,
        long documentNumber,
        long etag,
        long timestamp,
        long lsn,
        byte[] body);

    void delete(int database, int container, long lsn, String keyJson, String id);
  }

  private WriteLog(FileChannel channel, FileLock fileLock) {
    this.channel = channel;
    this.fileLock = fileLock;
  }

  /** Opens the folder's log, replays it and cuts off a torn end. */
  static WriteLog open(Path folder, Replay replay) throws IOException {
    Files.createDirectories(folder);
    Path file = folder.resolve(FILE);
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      FileLock lock;
      try {
        lock = channel.tryLock();
      } catch (OverlappingFileLockException e) {
        lock = null;
      }
      if (lock == null) {
        throw new IOException("The data folder " + folder + " is in use by another emulator");
      }
      long intact = replay(file, replay);
      channel.truncate(intact);
      channel.position(intact);
      return new WriteLog(channel, lock);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Returns the length of the file's intact part. */
  private static long replay(Path file, Replay replay) throws IOException {
    long size = Files.size(file);
    long position = 0;
    try (InputStream raw = Files.newInputStream(file);
        DataInputStream in = new DataInputStream(new BufferedInputStream(raw, 1 << 20))) {
      while (size - position >= HEADER_BYTES) {
        int length = in.readInt();
        int checksum = in.readInt();
        if (length <= 0 || length > size - position - HEADER_BYTES) {
          return position;
        }
        byte[] payload = in.readNBytes(length);
        CRC32 crc = new CRC32();
        crc.update(payload);
        if ((int) crc.getValue() != checksum) {
          return position;
        }
        replayOne(ByteBuffer.wrap(payload), replay);
        position += HEADER_BYTES + length;
      }
    }
    return position;
  }

  private static void replayOne(ByteBuffer payload, Replay replay) {
    byte type = payload.get();
    switch (type) {
      case METADATA -> replay.metadata(Json.readStored(rest(payload)));
      case PUT ->
          replay.put(
              payload.getInt(),
              payload.getInt(),
              payload.getLong(),
              payload.getLong(),
              payload.getLong(),
              payload.getLong(),
              rest(payload));
      case DELETE -> {
        int database = payload.getInt();
        int container = payload.getInt();
        long lsn = payload.getLong();
        byte[] key = new byte[payload.getInt()];
        payload.get(key);
        replay.delete(
            database,
            container,
            lsn,
            new String(key, StandardCharsets.UTF_8),
            new String(rest(payload), StandardCharsets.UTF_8));
      }
      default ->
          throw new IllegalStateException("Unknown entry type " + type + " in the write log");
    }
  }

  private static byte[] rest(ByteBuffer payload) {
    byte[] rest = new byte[payload.remaining()];
    payload.get(rest);
    return rest;
  }

  void metadata(ObjectNode event) {
    Entries entries = new Entries();
    int start = entries.start(METADATA);
    entries.buffer.put(Json.write(event));
    entries.finish(start);
    append(entries);
  }

  /** Writes all entries in one go. */
  synchronized void append(Entries entries) {
    if (entries.buffer.size() == 0) {
      return;
    }
    try {
      ByteBuffer bytes = ByteBuffer.wrap(entries.buffer.array(), 0, entries.buffer.size());
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write to the emulator's data folder", e);
    }
  }

  @Override
  public synchronized void close() throws IOException {
    if (channel.isOpen()) {
      fileLock.release();
      channel.close();
    }
  }

  /** Entries that belong together, gathered before they are written. Not thread-safe. */
  static final class Entries {
    private final ByteBuilder buffer = new ByteBuilder(1_024);
    private final CRC32 crc = new CRC32();

    void put(ContainerStore container, long documentNumber, Slot.Version version) {
      int start = start(PUT);
      buffer.int32(container.database().number()).int32(container.number());
      buffer.int64(documentNumber).int64(version.etag()).int64(version.timestamp());
      buffer.int64(version.lsn()).put(version.body());
      finish(start);
    }

    void delete(ContainerStore container, long lsn, Slot.Address address) {
      int start = start(DELETE);
      buffer.int32(container.database().number()).int32(container.number()).int64(lsn);
      byte[] key = address.key().toJson().getBytes(StandardCharsets.UTF_8);
      buffer.int32(key.length).put(key).utf8(address.id());
      finish(start);
    }

    void clear() {
      buffer.clear();
    }

    private int start(byte type) {
      int start = buffer.size();
      buffer.int32(0).int32(0).put(type);
      return start;
    }

    private void finish(int start) {
      int from = start + HEADER_BYTES;
      crc.reset();
      crc.update(buffer.array(), from, buffer.size() - from);
      buffer.setInt32(start, buffer.size() - from);
      buffer.setInt32(start + 4, (int) crc.getValue());
    }
  }
}
