package io.reverseetl.cosmos.emulator;

/**
 * What one partition range consumed in one second.
 *
 * @param epochSecond the second, by the emulator's clock
 * @param rangeId partition key range
 * @param requestUnits request units of everything that was let through
 * @param operations operations let through; every operation of a batch counts
 * @param throttled operations that were answered 429
 */
public record RequestUnitSecond(
    long epochSecond, String rangeId, double requestUnits, long operations, long throttled) {}
