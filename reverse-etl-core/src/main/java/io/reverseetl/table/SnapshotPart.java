package io.reverseetl.table;

import java.util.OptionalLong;

/**
 * A piece of a snapshot that is read by itself; for a Delta table, one data file.
 *
 * @param id names the part within its snapshot; the same at every reading of the same version
 * @param sizeInBytes how large it is in storage
 * @param rowCount how many rows it holds before any row filter, if the table tells
 */
public record SnapshotPart(String id, long sizeInBytes, OptionalLong rowCount) {}
