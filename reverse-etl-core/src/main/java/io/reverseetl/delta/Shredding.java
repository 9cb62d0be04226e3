package io.reverseetl.delta;

import io.delta.kernel.types.ArrayType;
import io.delta.kernel.types.BinaryType;
import io.delta.kernel.types.BooleanType;
import io.delta.kernel.types.DataType;
import io.delta.kernel.types.DateType;
import io.delta.kernel.types.DecimalType;
import io.delta.kernel.types.DoubleType;
import io.delta.kernel.types.FloatType;
import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructField;
import io.delta.kernel.types.StructType;
import io.delta.kernel.types.TimestampNTZType;
import io.delta.kernel.types.TimestampType;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DateLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.ListLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;

/**
 * The shape of variants in Parquet files: a group of {@code metadata} and {@code value}, and of
 * {@code typed_value} where the writer stored a part of the values in columns of their own
 * (shredding).
 */
final class Shredding {
  static final String VALUE = "value";
  static final String METADATA = "metadata";
  static final String TYPED_VALUE = "typed_value";

  private Shredding() {}

  /** What a variant column is read as. */
  static StructType unshredded() {
    return new StructType()
        .add(VALUE, BinaryType.BINARY, true)
        .add(METADATA, BinaryType.BINARY, true);
  }

  /** The Kernel type that a {@code typed_value} is read as. */
  static DataType kernelType(Type typed) {
    if (typed.isPrimitive()) {
      return primitive(typed.asPrimitiveType());
    }
    GroupType group = typed.asGroupType();
    if (group.getLogicalTypeAnnotation() instanceof ListLogicalTypeAnnotation) {
      Type element = group.getType(0).asGroupType().getType(0);
      return new ArrayType(part(element.asGroupType()), true);
    }
    List<StructField> fields = new ArrayList<>();
    for (Type field : group.getFields()) {
      fields.add(new StructField(field.getName(), part(field.asGroupType()), true));
    }
    return new StructType(fields);
  }

  /** A field of a shredded object, or an element of a shredded array. */
  private static StructType part(GroupType part) {
    List<StructField> fields = new ArrayList<>();
    for (Type field : part.getFields()) {
      fields.add(
          new StructField(
              field.getName(),
              field.getName().equals(TYPED_VALUE) ? kernelType(field) : BinaryType.BINARY,
              true));
    }
    return new StructType(fields);
  }

  private static DataType primitive(PrimitiveType type) {
    LogicalTypeAnnotation annotation = type.getLogicalTypeAnnotation();
    if (annotation instanceof DecimalLogicalTypeAnnotation decimal) {
      return new DecimalType(decimal.getPrecision(), decimal.getScale());
    }
    if (annotation instanceof DateLogicalTypeAnnotation) {
      return DateType.DATE;
    }
    if (annotation instanceof TimestampLogicalTypeAnnotation timestamp
        && timestamp.getUnit() == TimeUnit.MICROS) {
      return timestamp.isAdjustedToUTC() ? TimestampType.TIMESTAMP : TimestampNTZType.TIMESTAMP_NTZ;
    }
    if (annotation instanceof StringLogicalTypeAnnotation) {
      return StringType.STRING;
    }
    boolean plainInteger =
        annotation == null || annotation instanceof LogicalTypeAnnotation.IntLogicalTypeAnnotation;
    return switch (type.getPrimitiveTypeName()) {
      case BOOLEAN -> BooleanType.BOOLEAN;
      case FLOAT -> FloatType.FLOAT;
      case DOUBLE -> DoubleType.DOUBLE;
      case INT32 -> {
        check(plainInteger, type);
        yield IntegerType.INTEGER;
      }
      case INT64 -> {
        check(plainInteger, type);
        yield LongType.LONG;
      }
      case BINARY -> {
        check(annotation == null, type);
        yield BinaryType.BINARY;
      }
      case FIXED_LEN_BYTE_ARRAY, INT96 -> {
        check(false, type);
        yield BinaryType.BINARY;
      }
    };
  }

  private static void check(boolean supported, PrimitiveType type) {
    if (!supported) {
      throw new UnsupportedVariantException(
          "A variant column is shredded into the Parquet type \"" + type + "\".");
    }
  }

  /** A part of the variant format that this library cannot read. */
  static final class UnsupportedVariantException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnsupportedVariantException(String message) {
      super(message);
    }
  }
}
