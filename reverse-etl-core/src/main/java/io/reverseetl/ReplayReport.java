package io.reverseetl;

import java.time.Duration;

/**
 * What {@link Replayer} did.
 *
 * @param pipeline the pipeline's name
 * @param version the version of the table that the documents are from now
 * @param letters dead letters of the pipeline that were there
 * @param replayed letters whose documents now are what the table makes; they are removed
 * @param obsolete letters whose rows are gone, and with them the documents; they are removed
 * @param stillFailing letters that are there now: of documents that were refused again, and of rows
 *     that still cannot be mapped
 * @param rowsRead rows read from the table
 * @param documentsWritten documents made durable
 * @param documentsDeleted documents deleted, as the table does not make them
 * @param requestUnits the cost in request units
 * @param elapsed how long it took
 */
public record ReplayReport(
    String pipeline,
    long version,
    long letters,
    long replayed,
    long obsolete,
    long stillFailing,
    long rowsRead,
    long documentsWritten,
    long documentsDeleted,
    double requestUnits,
    Duration elapsed) {}
