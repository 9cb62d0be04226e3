package io.reverseetl.cosmos;

/**
 * What is known about cost, partitions, limits and floors of Azure Cosmos DB for NoSQL, as plain
 * functions. They ask no service and hold no state.
 *
 * <p>Sources are pages of Microsoft's documentation (learn.microsoft.com/azure/cosmos-db), named at
 * each function; what is our own assumption is marked as such. Limits change: check those of your
 * account before a large load.
 */
public final class ThroughputFormulas {
  /** The least standard throughput of a container. Page: concepts-limits. */
  public static final int LEAST_STANDARD = 400;

  /** The least autoscale maximum. Page: concepts-limits. */
  public static final int LEAST_AUTOSCALE = 1_000;

  /** What a physical partition serves per second at most. Page: concepts-limits. */
  public static final int REQUEST_UNITS_PER_PARTITION = 10_000;

  /** What a logical partition serves per second at most. Page: concepts-limits. */
  public static final int REQUEST_UNITS_PER_LOGICAL_PARTITION = 10_000;

  /** What a physical partition holds at most, in GB. Page: concepts-limits. */
  public static final double GIGABYTES_PER_PARTITION = 50;

  /** What a logical partition holds at most, in GB. Page: concepts-limits. */
  public static final double GIGABYTES_PER_LOGICAL_PARTITION = 20;

  /**
   * How full partitions are planned, in GB. Page: scaling-provisioned-throughput-best-practices.
   */
  public static final double PLANNED_FILL_GIGABYTES = 40;

  /**
   * From which share of hours at full use standard throughput is cheaper than autoscale, in
   * accounts with one write region. Page: how-to-choose-offer.
   */
  public static final double AUTOSCALE_BREAK_EVEN = 0.66;

  /** Request units per second that a client's core handles. Page: Spark ingestion guide. */
  public static final double REQUEST_UNITS_PER_CORE = 3_000;

  /** How much the index adds to the documents' bytes. Our assumption, for the default policy. */
  public static final double INDEX_SHARE = 0.25;

  private static final double BYTES_PER_GIGABYTE = 1024.0 * 1024 * 1024;

  private ThroughputFormulas() {}

  /**
   * What an insert costs: 5.5 for 1 KB without an index (page: optimize-cost-reads-writes), about
   * half a request unit for each further KB and 0.15 for each indexed value (our assumptions, to be
   * replaced by a measurement where one can be made).
   *
   * @param bytes the document's JSON bytes
   * @param indexedValues how many of its values are indexed
   * @return request units
   */
  public static double insertCost(double bytes, double indexedValues) {
    return 5 + 0.5 * Math.max(1, bytes / 1024) + 0.15 * indexedValues;
  }

  /**
   * What a replace, an upsert over a document or a delete costs: twice the insert. Pages:
   * optimize-cost-reads-writes, Spark ingestion guide.
   *
   * @param insertCost what the insert of the document costs
   * @return request units
   */
  public static double replaceCost(double insertCost) {
    return 2 * insertCost;
  }

  /**
   * What so many documents take in the container, the index included.
   *
   * @param documentBytes their JSON bytes
   * @return gigabytes
   */
  public static double storedGigabytes(double documentBytes) {
    return documentBytes * (1 + INDEX_SHARE) / BYTES_PER_GIGABYTE;
  }

  /**
   * How many physical partitions a new container should have. Page:
   * scaling-provisioned-throughput-best-practices.
   *
   * @param storedGigabytes what it will hold, the index included
   * @param fillGigabytes how full they may be, more than 0 and at most 50
   * @return at least 1
   * @throws IllegalArgumentException if the fill is outside that range
   */
  public static int partitionsFor(double storedGigabytes, double fillGigabytes) {
    if (!(fillGigabytes > 0 && fillGigabytes <= GIGABYTES_PER_PARTITION)) {
      throw new IllegalArgumentException(
          "A partition is filled to more than 0 and at most 50 GB, not " + fillGigabytes + ".");
    }
    return (int) Math.max(1, Math.ceil(storedGigabytes / fillGigabytes));
  }

  /**
   * With how much throughput to create a container so that it begins with so many partitions: 6,000
   * for each, or 10,000 for autoscale and for throughput that a database shares. Page:
   * scaling-provisioned-throughput-best-practices.
   *
   * @param partitions physical partitions, at least 1
   * @param autoscale whether the throughput is autoscale, or shared
   * @return request units per second; one partition needs no more than the least amount
   */
  public static int createWith(int partitions, boolean autoscale) {
    if (partitions <= 1) {
      return autoscale ? LEAST_AUTOSCALE : LEAST_STANDARD;
    }
    return partitions * (autoscale ? 10_000 : 6_000);
  }

  /**
   * Up to where throughput rises at once; above it partitions are split, typically for 4 to 6
   * hours. Page: scaling-provisioned-throughput-best-practices.
   *
   * @param partitions physical partitions
   * @return request units per second
   */
  public static int instantMaximum(int partitions) {
    return partitions * REQUEST_UNITS_PER_PARTITION;
  }

  /**
   * To what to raise so that all partitions split evenly; lower it to what is wanted afterwards.
   * Page: scaling-provisioned-throughput-best-practices.
   *
   * @param partitions physical partitions now, at least 1
   * @param wanted the request units per second that are wanted
   * @return {@code 10,000 * partitions * 2^ceil(log2(wanted / (10,000 * partitions)))}; {@code
   *     wanted} if no split is needed
   */
  public static long evenSplitTarget(int partitions, long wanted) {
    long target = instantMaximum(partitions);
    if (wanted <= target) {
      return wanted;
    }
    while (target < wanted) {
      target *= 2;
    }
    return target;
  }

  /**
   * The lowest standard throughput that a container can go to. Pages: concepts-limits,
   * how-to-choose-offer.
   *
   * @param storedGigabytes what it holds
   * @param highestEver the most request units per second that it ever had
   * @param sharingContainers for a database's throughput, its containers that share it; else 0
   * @return the largest of 400, 1 per GB and a hundredth of the highest, and 100 for each sharing
   *     container above 25; rounded up to 100
   */
  public static int standardFloor(double storedGigabytes, int highestEver, int sharingContainers) {
    double floor = Math.max(LEAST_STANDARD, Math.max(storedGigabytes, highestEver / 100.0));
    return roundUp(floor + 100.0 * Math.max(0, sharingContainers - 25), 100);
  }

  /**
   * The lowest autoscale maximum that a container can go to. Pages: concepts-limits,
   * how-to-choose-offer.
   *
   * @param storedGigabytes what it holds
   * @param highestEver the highest maximum that it ever had
   * @param sharingContainers for a database's throughput, its containers that share it; else 0
   * @return the largest of 1,000, 10 per GB and a tenth of the highest, and 1,000 for each sharing
   *     container above 25; rounded up to 1,000
   */
  public static int autoscaleFloor(double storedGigabytes, int highestEver, int sharingContainers) {
    double floor = Math.max(LEAST_AUTOSCALE, Math.max(storedGigabytes * 10, highestEver / 10.0));
    return roundUp(floor + 1_000.0 * Math.max(0, sharingContainers - 25), 1_000);
  }

  /**
   * How long work takes that is spread evenly.
   *
   * @param requestUnits the work
   * @param requestUnitsPerSecond the smallest of the budget, what is provisioned and what the
   *     client can do; more than 0
   * @return seconds
   */
  public static double evenSeconds(double requestUnits, double requestUnitsPerSecond) {
    return requestUnits / requestUnitsPerSecond;
  }

  /**
   * How long the busiest partition keys take at least, as request units are divided evenly over
   * physical partitions, and no logical partition gets more than 10,000. Pages:
   * partitioning-overview, scaling-provisioned-throughput-best-practices.
   *
   * @param requestUnits the whole work
   * @param hottestShare which part of it falls on the busiest logical partition, 0 to 1
   * @param requestUnitsPerSecond what is provisioned, more than 0
   * @param partitions physical partitions, at least 1
   * @return seconds
   */
  public static double skewSeconds(
      double requestUnits, double hottestShare, double requestUnitsPerSecond, int partitions) {
    double perPartition = requestUnitsPerSecond / partitions;
    return requestUnits
        * hottestShare
        / Math.min(perPartition, REQUEST_UNITS_PER_LOGICAL_PARTITION);
  }

  /**
   * What a serverless container serves per second, as a guide and without any promise: 5,000 up to
   * 5 partitions, 1,000 for each further one, 20,000 at most. Page: serverless-performance.
   *
   * @param partitions physical partitions, at least 1
   * @return request units per second
   */
  public static int serverlessRate(int partitions) {
    return Math.min(20_000, 5_000 + 1_000 * Math.max(0, partitions - 5));
  }

  /** Rounds up to the next step. */
  static int roundUp(double value, int step) {
    return (int) Math.min(Integer.MAX_VALUE / step, (long) Math.ceil(value / step)) * step;
  }
}
