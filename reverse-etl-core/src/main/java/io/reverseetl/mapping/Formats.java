package io.reverseetl.mapping;

/** The type options of a mapper, with their columns found in a schema. */
record Formats(
    ColumnOption.Resolved<NullPolicy> nulls,
    ColumnOption.Resolved<LongFormat> longs,
    ColumnOption.Resolved<DecimalFormat> decimals,
    ColumnOption.Resolved<NonFiniteFormat> nonFinite,
    ColumnOption.Resolved<TimestampFormat> timestamps,
    ColumnOption.Resolved<DateFormat> dates,
    ColumnOption.Resolved<MapFormat> maps) {}
