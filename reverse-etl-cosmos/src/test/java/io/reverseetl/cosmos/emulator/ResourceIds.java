package io.reverseetl.cosmos.emulator;

import java.nio.ByteBuffer;
import java.util.Base64;

/** Resource ids: 4 bytes name a database, 8 a container, 16 a document; in padded base64. */
final class ResourceIds {
  private ResourceIds() {}

  static String database(int number) {
    return encode(ByteBuffer.allocate(4).putInt(number));
  }

  static String container(int database, int number) {
    // The top bit of the second half tells a container from a user.
    return encode(ByteBuffer.allocate(8).putInt(database).putInt(number | 0x80000000));
  }

  static String document(int database, int container, long number) {
    return encode(
        ByteBuffer.allocate(16)
            .putInt(database)
            .putInt(container | 0x80000000)
            // The service writes document numbers low byte first.
            .putLong(Long.reverseBytes(number) & ~0xF0L));
  }

  static String offer(int number) {
    return encode(ByteBuffer.allocate(3).put((byte) (number >> 16)).putShort((short) number));
  }

  private static String encode(ByteBuffer bytes) {
    // A slash would end a path segment, so the service uses a dash in its place.
    return Base64.getEncoder().encodeToString(bytes.array()).replace('/', '-');
  }
}
