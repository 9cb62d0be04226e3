package io.reverseetl.metrics;

/** The meters: what docs/metrics.md lists. */
enum PipelineMeter {
  FRESHNESS(
      "reverseetl.freshness",
      "seconds",
      "How long ago it was last known that the target holds the table's newest version."
          + " Grows while polling is behind, fails or stands still"),
  LAG(
      "reverseetl.lag",
      "seconds",
      "Age of the commit that the target holds, as last told; 0 if it is the newest"),
  LAG_VERSIONS(
      "reverseetl.lag.versions",
      "versions",
      "Commits that are not in the target yet, as last told"),
  CHECKPOINT_VERSION(
      "reverseetl.checkpoint.version",
      "",
      "The commit version of the checkpoint: the one that is loaded, or that the target holds"),
  CHECKPOINT_AGE(
      "reverseetl.checkpoint.age",
      "seconds",
      "How long ago the checkpoint was last saved. A poll that finds nothing saves none"),
  RETENTION_LEFT(
      "reverseetl.retention.left",
      "seconds",
      "For how long the table promised, at the begin of the last poll, to keep the changes that"
          + " were to be read first; NaN if there were none, or the source does not tell"),
  LOAD_PROGRESS(
      "reverseetl.load.progress",
      "ratio",
      "Share of a load that is read, 0 to 1: rows if the table tells how many there are, else"
          + " parts. It can end below 1 where a row filter leaves rows out"),
  DOCUMENTS(
      "reverseetl.documents",
      "documents",
      "Documents that became durable, were deleted, or were left as they were because nothing"
          + " changed"),
  BYTES("reverseetl.documents.bytes", "bytes", "JSON bytes of the documents that became durable"),
  ROWS(
      "reverseetl.rows",
      "rows",
      "Rows read by loads, and row changes read by polls, preimages included"),
  PARTS("reverseetl.parts", "parts", "Parts of snapshots, data files, that are wholly durable"),
  COMMITS("reverseetl.commits", "commits", "Commits that were taken into the target"),
  REQUEST_UNITS("reverseetl.request.units", "request_units", "Cost of all answers of the target"),
  REQUEST_UNITS_SAVED(
      "reverseetl.saved.request.units",
      "request_units",
      "What unchanged documents would have cost, estimated"),
  THROTTLED(
      "reverseetl.throttled.responses",
      "responses",
      "Answers of the target that asked to slow down, after the client's own retries"),
  RETRIES("reverseetl.retries", "retries", "Attempts of operations beyond the first"),
  DEAD_LETTERS("reverseetl.dead.letters", "dead_letters", "Rows and documents set aside"),
  FAILURES("reverseetl.failures", "failures", "Loads and polls that failed"),
  GAPS("reverseetl.gaps", "gaps", "Times that changes could not be had"),
  SCHEMA_CHANGES(
      "reverseetl.schema.changes",
      "schema_changes",
      "Commits met that changed the table's columns"),
  LOAD_DURATION("reverseetl.load.duration", "seconds", "Duration of loads that did not fail"),
  POLL_DURATION("reverseetl.poll.duration", "seconds", "Duration of polls that did not fail"),
  RANGE_DURATION(
      "reverseetl.range.duration",
      "seconds",
      "From the begin of reading a range of commits until all its documents are durable");

  private final String id;
  private final String unit;
  private final String meaning;

  PipelineMeter(String id, String unit, String meaning) {
    this.id = id;
    this.unit = unit;
    this.meaning = meaning;
  }

  String id() {
    return id;
  }

  /** The base unit; empty if there is none. */
  String unit() {
    return unit;
  }

  String meaning() {
    return meaning;
  }
}
