package io.reverseetl.delta;

import io.delta.kernel.internal.actions.Metadata;
import io.delta.kernel.internal.actions.Protocol;
import io.delta.kernel.internal.tablefeatures.TableFeatures;
import io.delta.kernel.internal.util.ColumnMapping;
import io.delta.kernel.types.StructField;
import io.delta.kernel.types.StructType;
import io.reverseetl.exceptions.TableReadException;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the log says of a table besides its files: protocol and metadata in force at a version.
 * Immutable; versions with the same protocol and metadata share one instance.
 */
final class TableState {
  private static final String FEED_PROPERTY = "delta.enableChangeDataFeed";

  private final Protocol protocol;
  private final Metadata metadata;
  private final Set<String> partitionColumns;
  private final String mappingMode;
  private final io.reverseetl.table.StructType columns;

  private TableState(Protocol protocol, Metadata metadata) {
    this.protocol = protocol;
    this.metadata = metadata;
    this.partitionColumns = partitionColumns(metadata);
    this.mappingMode = ColumnMapping.getColumnMappingMode(metadata.getConfiguration()).toString();
    this.columns = KernelTypes.toStruct(metadata.getSchema());
  }

  /**
   * From what a snapshot or a first commit says.
   *
   * @param table names the table in failures
   * @throws RuntimeException of Kernel, if the table uses a feature that cannot be read
   */
  static TableState of(Protocol protocol, Metadata metadata, String table) {
    TableFeatures.validateKernelCanReadTheTable(protocol, table);
    if (TableFeatures.isCatalogManagedSupported(protocol)) {
      throw new TableReadException(
          TableReadException.Reason.UNSUPPORTED_FEATURE,
          "Cannot read table \""
              + table
              + "\": the table feature \"catalogManaged\" is not supported: a catalog, not the log"
              + " alone, says what the table's versions are. Read it through its catalog.");
    }
    return new TableState(protocol, metadata);
  }

  /** The state after a commit: this one, unless the commit changed it. */
  TableState after(Commit commit, String table) {
    Protocol newProtocol = commit.protocol();
    Metadata newMetadata = commit.metadata();
    if (newProtocol == null && newMetadata == null) {
      return this;
    }
    return of(
        newProtocol == null ? protocol : newProtocol,
        newMetadata == null ? metadata : newMetadata,
        table);
  }

  private static Set<String> partitionColumns(Metadata metadata) {
    Set<String> lowerCase = metadata.getPartitionColNames();
    Set<String> names = new LinkedHashSet<>();
    for (StructField field : metadata.getSchema().fields()) {
      if (lowerCase.contains(field.getName().toLowerCase(Locale.ROOT))) {
        names.add(field.getName());
      }
    }
    return names;
  }

  String tableId() {
    return metadata.getId();
  }

  /** Whether commits at this state write what the change data feed needs. */
  boolean feedIsOn() {
    @Nullable String value = metadata.getConfiguration().get(FEED_PROPERTY);
    return value != null && value.equalsIgnoreCase("true");
  }

  /** The table's properties. */
  Map<String, String> properties() {
    return metadata.getConfiguration();
  }

  /** The logical schema, with the metadata of column mapping. */
  StructType schema() {
    return metadata.getSchema();
  }

  /** The logical schema in this library's types. */
  io.reverseetl.table.StructType columns() {
    return columns;
  }

  /** The names of the partition columns, as they are in the schema. */
  Set<String> partitionColumns() {
    return partitionColumns;
  }

  /** The names by which partition values are found. */
  Set<String> physicalPartitionColumns() {
    Set<String> names = new LinkedHashSet<>();
    for (String column : partitionColumns) {
      names.add(KernelTable.physicalName(schema().get(column), mappingMode));
    }
    return names;
  }

  /** {@code none}, {@code name} or {@code id}. */
  String mappingMode() {
    return mappingMode;
  }

  boolean isMapped() {
    return !mappingMode.equals("none");
  }
}
