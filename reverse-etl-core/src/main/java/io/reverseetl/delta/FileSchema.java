package io.reverseetl.delta;

import io.delta.kernel.types.ArrayType;
import io.delta.kernel.types.BinaryType;
import io.delta.kernel.types.BooleanType;
import io.delta.kernel.types.DataType;
import io.delta.kernel.types.DecimalType;
import io.delta.kernel.types.DoubleType;
import io.delta.kernel.types.FloatType;
import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.MapType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructField;
import io.delta.kernel.types.StructType;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;
import org.jspecify.annotations.Nullable;

/**
 * How one Parquet file is read: the columns of the file that are needed, and the Kernel types they
 * are read as. These differ from the types asked for where Kernel's converters would fail or lose
 * something:
 *
 * <ul>
 *   <li>STRING is read as BINARY: the bytes are kept, and made to a String only on demand.
 *   <li>DECIMAL whose file column is a plain integer of fewer digits (type widening) is read as
 *       LONG.
 *   <li>A struct none of whose fields is in the file gets one field more, so that it can be told
 *       from a null struct.
 *   <li>A variant (a struct of {@code value} and {@code metadata}) that is shredded gets its {@code
 *       typed_value}.
 * </ul>
 *
 * {@link VectorValues} knows how to read vectors of these types.
 *
 * @param kernel the types to read
 * @param parquet the columns of the file, in the order of {@code kernel}
 * @param found for each column of {@code kernel} that of the file; null if the file has none
 */
record FileSchema(StructType kernel, MessageType parquet, List<@Nullable Type> found) {
  private static final String FIELD_ID = "parquet.field.id";

  /**
   * Matches the columns asked for with those of a file.
   *
   * @param wanted the columns asked for
   * @param file the columns of the file
   * @param exact whether to read exactly the types asked for, as Kernel needs it for checkpoints
   */
  static FileSchema of(StructType wanted, MessageType file, boolean exact) {
    List<StructField> kernelFields = new ArrayList<>();
    List<@Nullable Type> found = new ArrayList<>();
    matchFields(wanted, file, exact, kernelFields, found);
    return new FileSchema(
        new StructType(kernelFields), new MessageType(file.getName(), present(found)), found);
  }

  @SuppressWarnings("ReferenceEquality") // What fits comes back as it is.
  private static void matchFields(
      StructType wanted,
      GroupType file,
      boolean exact,
      List<StructField> kernel,
      List<@Nullable Type> parquet) {
    for (StructField field : wanted.fields()) {
      Type found = field.isMetadataColumn() ? null : find(field, file);
      if (found == null) {
        kernel.add(field);
        parquet.add(null);
      } else {
        Match match = match(field.getDataType(), found, exact);
        kernel.add(
            match.kernel() == field.getDataType()
                ? field
                : new StructField(
                    field.getName(), match.kernel(), field.isNullable(), field.getMetadata()));
        parquet.add(match.parquet());
      }
    }
  }

  private static List<Type> present(List<@Nullable Type> types) {
    List<Type> present = new ArrayList<>();
    for (Type type : types) {
      if (type != null) {
        present.add(type);
      }
    }
    return present;
  }

  /** By field id, then by name, then by name without case, as Kernel does. */
  static @Nullable Type find(StructField field, GroupType file) {
    if (field.getMetadata().contains(FIELD_ID)) {
      long id = field.getMetadata().getLong(FIELD_ID);
      for (Type type : file.getFields()) {
        if (type.getId() != null && type.getId().intValue() == id) {
          return type;
        }
      }
    }
    if (file.containsField(field.getName())) {
      return file.getType(field.getName());
    }
    for (Type type : file.getFields()) {
      if (type.getName().equalsIgnoreCase(field.getName())) {
        return type;
      }
    }
    return null;
  }

  private record Match(DataType kernel, Type parquet) {}

  private static Match match(DataType wanted, Type file, boolean exact) {
    if (wanted instanceof StringType && !exact) {
      return new Match(BinaryType.BINARY, file);
    }
    if (wanted instanceof DecimalType decimal && file.isPrimitive() && !exact) {
      return new Match(
          isNarrowInteger(decimal, file.asPrimitiveType()) ? LongType.LONG : wanted, file);
    }
    if (wanted instanceof StructType struct && !file.isPrimitive()) {
      return matchStruct(struct, file.asGroupType(), exact);
    }
    if (wanted instanceof ArrayType array && !file.isPrimitive()) {
      return matchArray(array, file.asGroupType(), exact);
    }
    if (wanted instanceof MapType map && !file.isPrimitive()) {
      return matchMap(map, file.asGroupType(), exact);
    }
    return new Match(wanted, file);
  }

  /** Kernel takes every plain INT32 for 10 digits and every plain INT64 for 20. */
  private static boolean isNarrowInteger(DecimalType wanted, PrimitiveType file) {
    if (file.getLogicalTypeAnnotation() instanceof DecimalLogicalTypeAnnotation) {
      return false;
    }
    int digits = wanted.getPrecision() - wanted.getScale();
    return (file.getPrimitiveTypeName() == PrimitiveTypeName.INT32 && digits < 10)
        || (file.getPrimitiveTypeName() == PrimitiveTypeName.INT64 && digits < 20);
  }

  private static Match matchStruct(StructType wanted, GroupType file, boolean exact) {
    List<StructField> kernel = new ArrayList<>();
    List<@Nullable Type> found = new ArrayList<>();
    matchFields(wanted, file, exact, kernel, found);
    List<Type> parquet = present(found);
    if (isVariant(wanted) && file.containsField(Shredding.TYPED_VALUE)) {
      Type typed = file.getType(Shredding.TYPED_VALUE);
      kernel.add(new StructField(typed.getName(), Shredding.kernelType(typed), true));
      parquet.add(typed);
    }
    if (parquet.isEmpty()) {
      Type witness = witness(file);
      if (witness == null) {
        return new Match(wanted, file);
      }
      kernel.add(new StructField(witness.getName(), witnessType(witness), true));
      parquet.add(witness);
    }
    return new Match(new StructType(kernel), file.withNewFields(parquet));
  }

  static boolean isVariant(StructType struct) {
    return struct.length() == 2
        && struct.at(0).getName().equals(Shredding.VALUE)
        && struct.at(1).getName().equals(Shredding.METADATA)
        && struct.at(0).getDataType() instanceof BinaryType
        && struct.at(1).getDataType() instanceof BinaryType;
  }

  private static @Nullable Type witness(GroupType group) {
    for (Type field : group.getFields()) {
      if (field.isPrimitive() && !field.isRepetition(Repetition.REPEATED)) {
        return field;
      }
    }
    for (Type field : group.getFields()) {
      if (!field.isPrimitive()
          && field.getLogicalTypeAnnotation() == null
          && !field.isRepetition(Repetition.REPEATED)) {
        Type inner = witness(field.asGroupType());
        if (inner != null) {
          return field.asGroupType().withNewFields(List.of(inner));
        }
      }
    }
    return null;
  }

  private static DataType witnessType(Type witness) {
    if (!witness.isPrimitive()) {
      Type inner = witness.asGroupType().getType(0);
      return new StructType().add(inner.getName(), witnessType(inner), true);
    }
    return switch (witness.asPrimitiveType().getPrimitiveTypeName()) {
      case BOOLEAN -> BooleanType.BOOLEAN;
      case INT32 -> IntegerType.INTEGER;
      case INT64 -> LongType.LONG;
      case FLOAT -> FloatType.FLOAT;
      case DOUBLE -> DoubleType.DOUBLE;
      case BINARY, FIXED_LEN_BYTE_ARRAY, INT96 -> BinaryType.BINARY;
    };
  }

  private static Match matchArray(ArrayType wanted, GroupType file, boolean exact) {
    if (file.getFieldCount() != 1 || file.getType(0).isPrimitive()) {
      return new Match(wanted, file);
    }
    GroupType repeated = file.getType(0).asGroupType();
    if (repeated.getFieldCount() != 1) {
      return new Match(wanted, file);
    }
    Match element = match(wanted.getElementType(), repeated.getType(0), exact);
    return new Match(
        new ArrayType(element.kernel(), wanted.containsNull()),
        file.withNewFields(repeated.withNewFields(element.parquet())));
  }

  private static Match matchMap(MapType wanted, GroupType file, boolean exact) {
    if (file.getFieldCount() != 1 || file.getType(0).isPrimitive()) {
      return new Match(wanted, file);
    }
    GroupType entry = file.getType(0).asGroupType();
    if (entry.getFieldCount() != 2) {
      return new Match(wanted, file);
    }
    Match key = match(wanted.getKeyType(), entry.getType(0), exact);
    Match value = match(wanted.getValueType(), entry.getType(1), exact);
    return new Match(
        new MapType(key.kernel(), value.kernel(), wanted.isValueContainsNull()),
        file.withNewFields(entry.withNewFields(key.parquet(), value.parquet())));
  }
}
