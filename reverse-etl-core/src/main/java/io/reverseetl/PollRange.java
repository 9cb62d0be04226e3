package io.reverseetl;

/**
 * A range of commits on its way into the target.
 *
 * @param fromVersion the first commit
 * @param toVersion the last commit
 * @param changes row changes read
 * @param documentChanges changes of documents that they came to
 * @param upserts documents to write, once reduced
 * @param deletes documents to delete, once reduced
 * @param unchanged documents that need no write, once reduced
 * @param spilled whether memory was too small and the disk helped
 * @param resumed whether an earlier poll had begun it
 */
public record PollRange(
    long fromVersion,
    long toVersion,
    long changes,
    long documentChanges,
    long upserts,
    long deletes,
    long unchanged,
    boolean spilled,
    boolean resumed) {}
