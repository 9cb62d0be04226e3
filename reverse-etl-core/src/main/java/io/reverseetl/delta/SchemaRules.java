package io.reverseetl.delta;

import io.delta.kernel.types.ArrayType;
import io.delta.kernel.types.ByteType;
import io.delta.kernel.types.DataType;
import io.delta.kernel.types.DateType;
import io.delta.kernel.types.DecimalType;
import io.delta.kernel.types.DoubleType;
import io.delta.kernel.types.FloatType;
import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.MapType;
import io.delta.kernel.types.ShortType;
import io.delta.kernel.types.StructField;
import io.delta.kernel.types.StructType;
import io.delta.kernel.types.TimestampNTZType;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which schemas go together: Spark's rules for a feed, and what a data file can be read as. */
final class SchemaRules {
  private SchemaRules() {}

  /**
   * Why Spark refuses to read a range with the schema {@code newer} in which {@code older} was in
   * force: the older one must be contained in the newer, with the same types, no column renamed or
   * dropped, and none that may no longer be null.
   *
   * @return a clause such as "column a was dropped", or null if the schemas go together
   */
  static @Nullable String whyStrictRefuses(TableState older, TableState newer) {
    if (older.isMapped() || newer.isMapped()) {
      String why = whyIdentityDiffers("", older.schema(), older, newer.schema(), newer);
      if (why != null) {
        return why;
      }
      if (!older.physicalPartitionColumns().equals(newer.physicalPartitionColumns())) {
        return "the partition columns changed";
      }
    }
    return whyNotContained("", older.schema(), newer.schema());
  }

  private static @Nullable String whyIdentityDiffers(
      String prefix, StructType older, TableState olderState, StructType newer, TableState state) {
    Map<String, StructField> byIdentity = byIdentity(newer, state.mappingMode());
    for (StructField field : older.fields()) {
      String path = prefix + field.getName();
      StructField match = byIdentity.get(KernelTable.physicalName(field, olderState.mappingMode()));
      if (match == null) {
        return "column \"" + path + "\" was dropped";
      }
      if (!match.getName().equals(field.getName())) {
        return "column \"" + path + "\" was renamed to \"" + prefix + match.getName() + "\"";
      }
      StructType olderStruct = structIn(field.getDataType());
      StructType newerStruct = structIn(match.getDataType());
      if (olderStruct != null && newerStruct != null) {
        String why = whyIdentityDiffers(path + ".", olderStruct, olderState, newerStruct, state);
        if (why != null) {
          return why;
        }
      }
    }
    return null;
  }

  /** The struct that a type is, or holds as elements or values. */
  private static @Nullable StructType structIn(DataType type) {
    if (type instanceof StructType struct) {
      return struct;
    } else if (type instanceof ArrayType array) {
      return structIn(array.getElementType());
    } else if (type instanceof MapType map) {
      return structIn(map.getValueType());
    }
    return null;
  }

  static Map<String, StructField> byIdentity(StructType struct, String mappingMode) {
    Map<String, StructField> fields = new HashMap<>();
    for (StructField field : struct.fields()) {
      fields.put(KernelTable.physicalName(field, mappingMode), field);
    }
    return fields;
  }

  private static @Nullable String whyNotContained(
      String prefix, StructType older, StructType newer) {
    Map<String, StructField> byName = new HashMap<>();
    for (StructField field : newer.fields()) {
      byName.put(field.getName().toLowerCase(Locale.ROOT), field);
    }
    for (StructField field : older.fields()) {
      String path = prefix + field.getName();
      StructField match = byName.get(field.getName().toLowerCase(Locale.ROOT));
      if (match == null) {
        return "column \"" + path + "\" was dropped";
      }
      if (!match.getName().equals(field.getName())) {
        return "column \"" + path + "\" was renamed to \"" + prefix + match.getName() + "\"";
      }
      if (field.isNullable() && !match.isNullable()) {
        return "column \"" + path + "\" may no longer be null";
      }
      String why = whyTypeDiffers(path, field.getDataType(), match.getDataType());
      if (why != null) {
        return why;
      }
    }
    return null;
  }

  private static @Nullable String whyTypeDiffers(String path, DataType older, DataType newer) {
    if (older instanceof StructType a && newer instanceof StructType b) {
      return whyNotContained(path + ".", a, b);
    }
    if (older instanceof ArrayType a && newer instanceof ArrayType b) {
      return a.containsNull() && !b.containsNull()
          ? "the elements of \"" + path + "\" may no longer be null"
          : whyTypeDiffers(path + ".element", a.getElementType(), b.getElementType());
    }
    if (older instanceof MapType a && newer instanceof MapType b) {
      if (a.isValueContainsNull() && !b.isValueContainsNull()) {
        return "the values of \"" + path + "\" may no longer be null";
      }
      String why = whyTypeDiffers(path + ".key", a.getKeyType(), b.getKeyType());
      return why != null
          ? why
          : whyTypeDiffers(path + ".value", a.getValueType(), b.getValueType());
    }
    return older.equals(newer)
        ? null
        : "the type of column \"" + path + "\" changed from " + older + " to " + newer;
  }

  /**
   * Why files written at the state {@code written} give no right rows in the schema of {@code
   * read}. Columns that were added or dropped in between, and wider types, are no hindrance.
   *
   * @return a clause, or null if they do
   */
  static @Nullable String whyFilesUnreadable(TableState written, TableState read) {
    return whyUnreadable(
        "", written.schema(), written.mappingMode(), read.schema(), read.mappingMode());
  }

  private static @Nullable String whyUnreadable(
      String prefix, StructType written, String writtenMode, StructType read, String readMode) {
    Map<String, StructField> readFields = byIdentity(read, readMode);
    boolean anyInCommon = false;
    for (StructField field : written.fields()) {
      String path = prefix + field.getName();
      StructField match = readFields.get(KernelTable.physicalName(field, writtenMode));
      if (match == null) {
        if (read.indexOf(field.getName()) >= 0) {
          return "column \"" + path + "\" was replaced by another of the same name";
        }
        continue;
      }
      anyInCommon = true;
      String why =
          whyUnreadable(path, field.getDataType(), writtenMode, match.getDataType(), readMode);
      if (why != null) {
        return why;
      }
    }
    return anyInCommon || written.length() == 0 || read.length() == 0
        ? null
        : "no column is left of " + (prefix.isEmpty() ? "the table" : "\"" + prefix + "\"");
  }

  private static @Nullable String whyUnreadable(
      String path, DataType written, String writtenMode, DataType read, String readMode) {
    if (written instanceof StructType a && read instanceof StructType b) {
      return whyUnreadable(path + ".", a, writtenMode, b, readMode);
    }
    if (written instanceof ArrayType a && read instanceof ArrayType b) {
      return whyUnreadable(
          path + ".element", a.getElementType(), writtenMode, b.getElementType(), readMode);
    }
    if (written instanceof MapType a && read instanceof MapType b) {
      String why =
          whyUnreadable(path + ".key", a.getKeyType(), writtenMode, b.getKeyType(), readMode);
      return why != null
          ? why
          : whyUnreadable(
              path + ".value", a.getValueType(), writtenMode, b.getValueType(), readMode);
    }
    return written.equals(read) || isWider(written, read)
        ? null
        : "the type of column \"" + path + "\" changed from " + written + " to " + read;
  }

  private static boolean isWider(DataType from, DataType to) {
    int digits = digits(from);
    if (to instanceof DecimalType decimal) {
      if (from instanceof DecimalType narrow) {
        int moreScale = decimal.getScale() - narrow.getScale();
        return moreScale >= 0 && decimal.getPrecision() - narrow.getPrecision() >= moreScale;
      }
      return digits > 0 && decimal.getPrecision() - decimal.getScale() >= digits;
    }
    if (digits > 0 && digits(to) > digits) {
      return true;
    }
    return (to instanceof DoubleType && (from instanceof FloatType || (digits > 0 && digits <= 10)))
        || (to instanceof TimestampNTZType && from instanceof DateType);
  }

  /** How many digits the values of an integer type have at most; 0 for other types. */
  private static int digits(DataType type) {
    if (type instanceof ByteType) {
      return 3;
    } else if (type instanceof ShortType) {
      return 5;
    } else if (type instanceof IntegerType) {
      return 10;
    }
    return type instanceof LongType ? 20 : 0;
  }
}
