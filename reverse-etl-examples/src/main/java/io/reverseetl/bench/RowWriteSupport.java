package io.reverseetl.bench;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/** Writes rows as Spark lays them out in Parquet: every column nullable, timestamps as INT96. */
final class RowWriteSupport extends WriteSupport<BenchRow> {
  private static final long MICROS_PER_DAY = 86_400_000_000L;
  private static final int JULIAN_DAY_OF_EPOCH = 2_440_588;

  private static final String COLUMNS =
      """
      optional binary id (STRING);
      optional binary tenant (STRING);
      optional int32 n1;
      optional int32 n2;
      optional int64 l1;
      optional double d1;
      optional double d2;
      optional int64 price (DECIMAL(18,4));
      optional int96 updated;
      optional binary title (STRING);
      optional group tags (LIST) {
        repeated group list {
          optional binary element (STRING);
        }
      }
      optional group address {
        optional binary street (STRING);
        optional int32 zip;
        optional group geo {
          optional double lat;
          optional double lon;
        }
      }
      """;

  private final boolean changes;
  private Binary changeType = Binary.EMPTY;

  /** Set before the first row. */
  @SuppressWarnings("NullAway.Init")
  private RecordConsumer out;

  /**
   * @param changes whether each row carries a change type
   */
  RowWriteSupport(boolean changes) {
    this.changes = changes;
  }

  /** The change type of the rows to come, if they carry one. */
  void changeType(String name) {
    changeType = Binary.fromString(name);
  }

  @Override
  @SuppressWarnings("deprecation") // abstract above us
  public WriteContext init(Configuration configuration) {
    return context();
  }

  @Override
  public WriteContext init(ParquetConfiguration configuration) {
    return context();
  }

  private WriteContext context() {
    String more = changes ? "optional binary _change_type (STRING);" : "";
    MessageType schema =
        MessageTypeParser.parseMessageType("message spark_schema {" + COLUMNS + more + "}");
    return new WriteContext(schema, Map.of());
  }

  @Override
  public void prepareForWrite(RecordConsumer recordConsumer) {
    out = recordConsumer;
  }

  @Override
  public void write(BenchRow row) {
    out.startMessage();
    text("id", 0, row.id);
    text("tenant", 1, row.tenant);
    integer("n1", 2, row.n1);
    integer("n2", 3, row.n2);
    number("l1", 4, row.l1);
    real("d1", 5, row.d1);
    if (!row.d2Null) {
      real("d2", 6, row.d2);
    }
    number("price", 7, row.price);
    out.startField("updated", 8);
    out.addBinary(int96(row.updated));
    out.endField("updated", 8);
    text("title", 9, row.title);
    tags(row.tags);
    address(row);
    if (changes) {
      out.startField("_change_type", 12);
      out.addBinary(changeType);
      out.endField("_change_type", 12);
    }
    out.endMessage();
  }

  private void tags(List<byte[]> tags) {
    out.startField("tags", 10);
    out.startGroup();
    out.startField("list", 0);
    for (byte[] tag : tags) {
      out.startGroup();
      text("element", 0, tag);
      out.endGroup();
    }
    out.endField("list", 0);
    out.endGroup();
    out.endField("tags", 10);
  }

  private void address(BenchRow row) {
    out.startField("address", 11);
    out.startGroup();
    text("street", 0, row.street);
    integer("zip", 1, row.zip);
    out.startField("geo", 2);
    out.startGroup();
    real("lat", 0, row.lat);
    real("lon", 1, row.lon);
    out.endGroup();
    out.endField("geo", 2);
    out.endGroup();
    out.endField("address", 11);
  }

  private void text(String field, int index, byte[] value) {
    out.startField(field, index);
    out.addBinary(Binary.fromConstantByteArray(value));
    out.endField(field, index);
  }

  private void integer(String field, int index, int value) {
    out.startField(field, index);
    out.addInteger(value);
    out.endField(field, index);
  }

  private void number(String field, int index, long value) {
    out.startField(field, index);
    out.addLong(value);
    out.endField(field, index);
  }

  private void real(String field, int index, double value) {
    out.startField(field, index);
    out.addDouble(value);
    out.endField(field, index);
  }

  /** The nanoseconds of the day and the Julian day, as Spark writes timestamps by default. */
  private static Binary int96(long micros) {
    ByteBuffer bytes = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(Math.floorMod(micros, MICROS_PER_DAY) * 1_000);
    bytes.putInt(JULIAN_DAY_OF_EPOCH + (int) Math.floorDiv(micros, MICROS_PER_DAY));
    return Binary.fromConstantByteArray(bytes.array());
  }
}
