package io.reverseetl.spark;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What a task tells the driver.
 *
 * @param result its result as JSON; null if it failed
 * @param failure why another attempt is of no use; null if it did not fail
 * @param firstAttempt whether nobody tried the task before
 */
record Outcome(@Nullable String result, @Nullable TaskFailure failure, boolean firstAttempt)
    implements Serializable {}
