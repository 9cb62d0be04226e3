package io.reverseetl;

import io.reverseetl.table.ChangeMethod;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How a poller polls; the setters of {@link CdcPoller.Builder} say what each value means. */
record PollSettings(
    ChangeMethod changes,
    SchemaPolicy schemaPolicy,
    GapPolicy gapPolicy,
    long maxRangeCommits,
    long maxRangeRows,
    long maxRangeBytes,
    long memoryBudgetBytes,
    @Nullable Path spillFolder,
    Duration interval,
    Duration maxBackoff,
    Duration retentionWarning,
    Duration grace) {}
