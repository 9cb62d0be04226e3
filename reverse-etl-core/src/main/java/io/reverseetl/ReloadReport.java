package io.reverseetl;

import java.time.Duration;

/**
 * What {@link Reloader} did.
 *
 * @param pipeline the pipeline's name
 * @param version the version of the table that the documents are from now
 * @param rowsRead rows read from the table
 * @param documentsWritten documents made durable
 * @param documentsDeleted documents deleted, as the table does not make them
 * @param deadLetters rows and documents that were set aside again
 * @param requestUnits the cost in request units
 * @param elapsed how long it took
 */
public record ReloadReport(
    String pipeline,
    long version,
    long rowsRead,
    long documentsWritten,
    long documentsDeleted,
    long deadLetters,
    double requestUnits,
    Duration elapsed) {}
