package io.reverseetl.delta;

import io.reverseetl.table.ArrayView;
import io.reverseetl.table.DataType;
import io.reverseetl.table.DataType.ArrayType;
import io.reverseetl.table.DataType.DecimalType;
import io.reverseetl.table.DataType.MapType;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.MapView;
import io.reverseetl.table.Row;
import io.reverseetl.table.StructType;
import io.reverseetl.table.Values;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Makes bytes of rows, so that they can be sorted, counted and put on disk: equal rows give equal
 * bytes, and {@link DecodedValues} makes a row of them again. Equal means: the same value in every
 * column, floating point by bits (with one NaN), decimals by value, maps without regard to order.
 * For one thread.
 *
 * <p>A record is: the length of the key (4 bytes), the key, the row. The key is the encoded key
 * columns; it is empty where rows have no key.
 */
final class RowCodec {
  private final StructType type;
  private final int[] keys;
  private ByteBuffer out = ByteBuffer.allocate(1024);

  /**
   * For rows of one type.
   *
   * @param keys the positions of the key columns
   */
  RowCodec(StructType type, int[] keys) {
    this.type = type;
    this.keys = keys;
  }

  /** Encodes a row. The bytes end with one more that belongs to the caller. */
  byte[] encode(Row row, byte mark) {
    out.clear();
    ensure(Integer.BYTES);
    out.position(Integer.BYTES);
    for (int key : keys) {
      write(type.column(key).type(), row, key);
    }
    out.putInt(0, out.position() - Integer.BYTES);
    writeStruct(type, row);
    ensure(1);
    out.put(mark);
    return Arrays.copyOf(out.array(), out.position());
  }

  /** The mark of a record. */
  static byte mark(byte[] row) {
    return row[row.length - 1];
  }

  /** Where the row begins in a record. */
  static int rowStart(byte[] row) {
    return Integer.BYTES + ByteBuffer.wrap(row).getInt();
  }

  /** The row of a record. */
  Row decode(byte[] row) {
    ByteBuffer in = ByteBuffer.wrap(row);
    in.position(rowStart(row));
    return DecodedValues.row(type, in);
  }

  /** By key. */
  static int compareKeys(byte[] a, byte[] b) {
    return Arrays.compareUnsigned(a, Integer.BYTES, rowStart(a), b, Integer.BYTES, rowStart(b));
  }

  /** By row, without the mark. */
  static int compareRows(byte[] a, byte[] b) {
    return Arrays.compareUnsigned(a, rowStart(a), a.length - 1, b, rowStart(b), b.length - 1);
  }

  /** By key, then by row. */
  static int compare(byte[] a, byte[] b) {
    int byKey = compareKeys(a, b);
    return byKey != 0 ? byKey : compareRows(a, b);
  }

  private void ensure(int more) {
    if (out.remaining() < more) {
      int needed = Math.addExact(out.position(), more);
      int doubled = (int) Math.min(Integer.MAX_VALUE - 8L, out.capacity() * 2L);
      ByteBuffer larger = ByteBuffer.allocate(Math.max(needed, doubled));
      out.flip();
      larger.put(out);
      out = larger;
    }
  }

  private void writeBytes(byte[] bytes) {
    ensure(Integer.BYTES + bytes.length);
    out.putInt(bytes.length).put(bytes);
  }

  private void writeStruct(StructType struct, Values values) {
    for (int i = 0; i < struct.size(); i++) {
      write(struct.column(i).type(), values, i);
    }
  }

  private void write(DataType valueType, Values values, int index) {
    ensure(1 + Long.BYTES);
    if (values.isNull(index)) {
      out.put((byte) 0);
      return;
    }
    out.put((byte) 1);
    if (valueType instanceof Primitive primitive) {
      writePrimitive(primitive, values, index);
    } else if (valueType instanceof DecimalType decimal) {
      writeBytes(values.getDecimal(index).setScale(decimal.scale()).unscaledValue().toByteArray());
    } else if (valueType instanceof StructType struct) {
      writeStruct(struct, values.getStruct(index));
    } else if (valueType instanceof ArrayType array) {
      ArrayView view = values.getArray(index);
      Values elements = view.elements();
      out.putInt(view.size());
      for (int i = 0; i < view.size(); i++) {
        write(array.elementType(), elements, i);
      }
    } else if (valueType instanceof MapType map) {
      writeMap(map, values.getMap(index));
    }
  }

  private void writePrimitive(Primitive primitive, Values values, int index) {
    switch (primitive) {
      case BOOLEAN -> out.put((byte) (values.getBoolean(index) ? 1 : 0));
      case BYTE -> out.put(values.getByte(index));
      case SHORT -> out.putShort(values.getShort(index));
      case INTEGER, DATE -> out.putInt(values.getInt(index));
      case LONG, TIMESTAMP, TIMESTAMP_NTZ -> out.putLong(values.getLong(index));
      case FLOAT -> out.putInt(Float.floatToIntBits(values.getFloat(index)));
      case DOUBLE -> out.putLong(Double.doubleToLongBits(values.getDouble(index)));
      case STRING, VARIANT -> writeBytes(values.getUtf8(index));
      case BINARY -> writeBytes(values.getBinary(index));
    }
  }

  /** Entries in the order of their bytes: a map has no order of its own. */
  private void writeMap(MapType map, MapView view) {
    int start = out.position();
    byte[][] entries = new byte[view.size()][];
    Values keyValues = view.keys();
    Values valueValues = view.values();
    for (int i = 0; i < entries.length; i++) {
      int entryStart = out.position();
      write(map.keyType(), keyValues, i);
      write(map.valueType(), valueValues, i);
      entries[i] = Arrays.copyOfRange(out.array(), entryStart, out.position());
      out.position(start);
    }
    Arrays.sort(entries, Arrays::compareUnsigned);
    ensure(Integer.BYTES);
    out.putInt(entries.length);
    for (byte[] entry : entries) {
      ensure(entry.length);
      out.put(entry);
    }
  }
}
