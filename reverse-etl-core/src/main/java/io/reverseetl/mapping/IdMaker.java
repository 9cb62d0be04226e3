package io.reverseetl.mapping;

import io.reverseetl.exceptions.MappingException;
import io.reverseetl.table.Row;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;

/** Makes the id of each row. Holds the last one; for one thread. */
final class IdMaker {
  /** What Cosmos DB takes. */
  static final int MAX_BYTES = 1023;

  private static final byte DELETE = 0x7F;
  private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

  private final List<IdPart> parts;
  private final IdFormat format;
  private final String columns;
  private final ByteArrayOutputStream joined = new ByteArrayOutputStream();
  private byte[] utf8 = new byte[0];

  IdMaker(List<IdPart> parts, IdFormat format) {
    this.parts = List.copyOf(parts);
    this.format = format;
    this.columns = String.join(", ", parts.stream().map(IdPart::column).toList());
  }

  /** Makes the id of a row. */
  String make(Row row) {
    utf8 =
        switch (format) {
          case PLAIN -> plain(parts.get(0).utf8(row));
          case ESCAPED -> checkLength(escaped(row));
          case HASHED -> hash(escaped(row));
        };
    return new String(utf8, StandardCharsets.UTF_8);
  }

  /** The id that was made last. */
  byte[] utf8() {
    return utf8;
  }

  private byte[] plain(byte[] id) {
    checkLength(id);
    boolean ascii = true;
    for (byte b : id) {
      if (b == '/' || b == '\\' || b == '?' || b == '#') {
        throw notAllowed("one of the characters / \\ ? #, which Cosmos DB does not take");
      }
      if ((b >= 0 && b < ' ') || b == DELETE) {
        throw notAllowed("a control character");
      }
      ascii &= b >= 0;
    }
    if (!ascii) {
      checkBeyondAscii(new String(id, StandardCharsets.UTF_8));
    } else if (id[id.length - 1] == ' ') {
      throw notAllowed("a blank at its end");
    } else if (id[0] == '.' && (id.length == 1 || (id.length == 2 && id[1] == '.'))) {
      throw notAllowed("only dots, which vanish from a URL");
    }
    return id;
  }

  private void checkBeyondAscii(String id) {
    if (id.chars().anyMatch(Character::isISOControl)) {
      throw notAllowed("a control character");
    }
    int last = id.codePointBefore(id.length());
    if (Character.isWhitespace(last) || Character.isSpaceChar(last)) {
      throw notAllowed("a blank at its end");
    }
  }

  private MappingException notAllowed(String what) {
    return new MappingException(
        columns,
        "The id from "
            + columns
            + " has "
            + what
            + ". Mend the data, or use IdFormat.ESCAPED or IdFormat.HASHED.");
  }

  private byte[] checkLength(byte[] id) {
    if (id.length == 0) {
      throw new MappingException(
          columns, "The id from " + columns + " is empty. Mend the data, or add an id column.");
    }
    if (id.length > MAX_BYTES) {
      throw new MappingException(
          columns,
          "The id from "
              + columns
              + " has "
              + id.length
              + " bytes, but Cosmos DB takes "
              + MAX_BYTES
              + ". Use IdFormat.HASHED.");
    }
    return id;
  }

  private byte[] escaped(Row row) {
    joined.reset();
    for (int i = 0; i < parts.size(); i++) {
      if (i > 0) {
        joined.write(':');
      }
      byte[] text = parts.get(i).utf8(row);
      for (int k = 0; k < text.length; k++) {
        byte b = text[k];
        if (isSafe(b) || (b == '.' && k > 0)) {
          joined.write(b);
        } else {
          joined.write('~');
          joined.write(HEX[(b >> 4) & 0xF]);
          joined.write(HEX[b & 0xF]);
        }
      }
    }
    return joined.toByteArray();
  }

  private static boolean isSafe(byte b) {
    return (b >= 'a' && b <= 'z')
        || (b >= 'A' && b <= 'Z')
        || (b >= '0' && b <= '9')
        || b == '-'
        || b == '_';
  }

  private static byte[] hash(byte[] text) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(text);
      return Base64.getUrlEncoder().withoutPadding().encode(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java runtime has SHA-256.", e);
    }
  }
}
