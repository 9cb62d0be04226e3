package io.reverseetl.delta;

import io.delta.kernel.types.ArrayType;
import io.delta.kernel.types.BinaryType;
import io.delta.kernel.types.BooleanType;
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
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructField;
import io.delta.kernel.types.StructType;
import io.delta.kernel.types.TimestampNTZType;
import io.delta.kernel.types.TimestampType;
import io.delta.kernel.types.VariantType;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.exceptions.TableReadException.Reason;
import io.reverseetl.table.Column;
import io.reverseetl.table.DataType.Primitive;
import java.util.List;

/** Kernel's types as types of this library, and as types of Parquet files. */
final class KernelTypes {
  private KernelTypes() {}

  static io.reverseetl.table.StructType toStruct(StructType struct) {
    return io.reverseetl.table.StructType.of(
        struct.fields().stream().map(KernelTypes::toColumn).toList());
  }

  static Column toColumn(StructField field) {
    try {
      return new Column(field.getName(), toType(field.getDataType()), field.isNullable());
    } catch (UnsupportedOperationException e) {
      throw new TableReadException(
          Reason.UNSUPPORTED_FEATURE,
          "Column \""
              + field.getName()
              + "\" has the type "
              + field.getDataType()
              + ", which cannot be read. Leave it out in a view or a copy of the table.");
    }
  }

  private static io.reverseetl.table.DataType toType(DataType type) {
    if (type instanceof StructType struct) {
      return toStruct(struct);
    } else if (type instanceof ArrayType array) {
      return new io.reverseetl.table.DataType.ArrayType(
          toType(array.getElementType()), array.containsNull());
    } else if (type instanceof MapType map) {
      return new io.reverseetl.table.DataType.MapType(
          toType(map.getKeyType()), toType(map.getValueType()), map.isValueContainsNull());
    } else if (type instanceof DecimalType decimal) {
      return new io.reverseetl.table.DataType.DecimalType(
          decimal.getPrecision(), decimal.getScale());
    } else if (type instanceof StringType) {
      return Primitive.STRING;
    } else if (type instanceof LongType) {
      return Primitive.LONG;
    } else if (type instanceof IntegerType) {
      return Primitive.INTEGER;
    } else if (type instanceof DoubleType) {
      return Primitive.DOUBLE;
    } else if (type instanceof BooleanType) {
      return Primitive.BOOLEAN;
    } else if (type instanceof DateType) {
      return Primitive.DATE;
    } else if (type instanceof TimestampType) {
      return Primitive.TIMESTAMP;
    } else if (type instanceof TimestampNTZType) {
      return Primitive.TIMESTAMP_NTZ;
    } else if (type instanceof FloatType) {
      return Primitive.FLOAT;
    } else if (type instanceof ShortType) {
      return Primitive.SHORT;
    } else if (type instanceof ByteType) {
      return Primitive.BYTE;
    } else if (type instanceof BinaryType) {
      return Primitive.BINARY;
    } else if (type instanceof VariantType) {
      return Primitive.VARIANT;
    }
    throw new UnsupportedOperationException(String.valueOf(type));
  }

  /** The field with every variant in it replaced by the struct that it is in a Parquet file. */
  @SuppressWarnings("ReferenceEquality") // What has no variant in it comes back as it is.
  static StructField withVariantsAsStructs(StructField field) {
    DataType type = withVariantsAsStructs(field.getDataType());
    return type == field.getDataType()
        ? field
        : new StructField(field.getName(), type, field.isNullable(), field.getMetadata());
  }

  @SuppressWarnings("ReferenceEquality")
  private static DataType withVariantsAsStructs(DataType type) {
    if (type instanceof VariantType) {
      return Shredding.unshredded();
    } else if (type instanceof StructType struct) {
      List<StructField> fields =
          struct.fields().stream().map(KernelTypes::withVariantsAsStructs).toList();
      return fields.equals(struct.fields()) ? struct : new StructType(fields);
    } else if (type instanceof ArrayType array) {
      DataType element = withVariantsAsStructs(array.getElementType());
      return element == array.getElementType()
          ? array
          : new ArrayType(element, array.containsNull());
    } else if (type instanceof MapType map) {
      DataType value = withVariantsAsStructs(map.getValueType());
      return value == map.getValueType()
          ? map
          : new MapType(map.getKeyType(), value, map.isValueContainsNull());
    }
    return type;
  }
}
