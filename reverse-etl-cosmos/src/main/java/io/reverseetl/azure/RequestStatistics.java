package io.reverseetl.azure;

/**
 * The HTTP requests of an {@link AzureLakeStorage} so far.
 *
 * @param sent how many were sent, those tried again included
 * @param retried how many of them were tried again, after no answer or a refusal that may pass
 * @param refused how many were answered with a status of 400 or above
 */
public record RequestStatistics(long sent, long retried, long refused) {}
