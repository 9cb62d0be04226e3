package io.reverseetl;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * How far a load is, earlier runs of the same load included where the description says so.
 *
 * @param partCount how many parts the snapshot has
 * @param partsFinished how many of them are durable, over all runs
 * @param rowsTotal how many rows the snapshot holds before any row filter, if the table tells
 * @param rowsRead rows read, over all runs
 * @param documentsWritten documents made durable in this run
 * @param bytesWritten their JSON bytes, in this run
 * @param deadLetters rows set aside, over all runs
 * @param throttled answers of the target that asked to slow down, in this run
 * @param requestUnits the cost in request units, in this run
 * @param elapsed how long this run has taken
 */
public record LoadState(
    int partCount,
    int partsFinished,
    OptionalLong rowsTotal,
    long rowsRead,
    long documentsWritten,
    long bytesWritten,
    long deadLetters,
    long throttled,
    double requestUnits,
    Duration elapsed) {}
