package io.reverseetl.cosmos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What a load will cost and how long it will take, and what to provision for it. Computed from what
 * the caller knows by {@link ThroughputFormulas}; nothing is asked and nothing is changed.
 *
 * @param requestUnits what writing all documents costs, as inserts
 * @param storedGigabytes what they take in the container, the index included
 * @param partitions physical partitions, of the container that is there or of one made for this
 *     load
 * @param requestUnitsPerSecond the pace: the smallest of budget, provisioned throughput and client
 * @param pacedBy what that is set by
 * @param duration how long the load takes at that pace, the busiest partition key considered
 * @param boundBySkew whether the busiest partition key sets the duration
 * @param hottestGigabytes what the busiest logical partition will hold
 * @param createStandard with how much standard throughput to create the container
 * @param createAutoscale with which autoscale maximum to create it instead
 * @param loadAt to what to raise it for the load without a split
 * @param standardFloorAfterwards the lowest standard throughput after a load at {@code loadAt}
 * @param autoscaleFloorAfterwards the lowest autoscale maximum after it
 * @param advice sentences for a person, most important first
 */
public record LoadForecast(
    double requestUnits,
    double storedGigabytes,
    int partitions,
    double requestUnitsPerSecond,
    Pace pacedBy,
    Duration duration,
    boolean boundBySkew,
    double hottestGigabytes,
    int createStandard,
    int createAutoscale,
    int loadAt,
    int standardFloorAfterwards,
    int autoscaleFloorAfterwards,
    List<String> advice) {

  /** What sets the pace of a load. */
  public enum Pace {
    /** The pipeline's rate limiter. */
    BUDGET,
    /** The throughput of the container, or of the one that is advised. */
    PROVISIONED,
    /** The client's processors. */
    CLIENT
  }

  /** Copies. */
  public LoadForecast {
    advice = List.copyOf(advice);
  }

  /**
   * Begins a forecast.
   *
   * @param documents how many documents are written
   * @param documentBytes their JSON bytes
   * @param requestUnitsPerDocument what an insert costs, measured or by {@link
   *     ThroughputFormulas#insertCost}
   * @return a builder
   * @throws IllegalArgumentException if one is negative
   */
  public static Builder of(long documents, long documentBytes, double requestUnitsPerDocument) {
    return new Builder(documents, documentBytes, requestUnitsPerDocument);
  }

  /** What else is known about the load. Not thread-safe. */
  public static final class Builder {
    private final long documents;
    private final long documentBytes;
    private final double requestUnitsPerDocument;
    private double hottestShare;
    private @Nullable Double firstLevelShare;
    private OptionalDouble budget = OptionalDouble.empty();
    private int cores = Runtime.getRuntime().availableProcessors();
    private @Nullable ProvisionedThroughput provisioned;
    private int partitions;

    private Builder(long documents, long documentBytes, double requestUnitsPerDocument) {
      if (documents < 0 || documentBytes < 0 || !(requestUnitsPerDocument >= 0)) {
        throw new IllegalArgumentException("Documents, bytes and request units are not negative.");
      }
      this.documents = documents;
      this.documentBytes = documentBytes;
      this.requestUnitsPerDocument = requestUnitsPerDocument;
    }

    /**
     * Which part of the documents falls on the busiest logical partition.
     *
     * @param share 0 to 1; 0, that is even, unless set
     * @return this builder
     */
    public Builder hottestShare(double share) {
      this.hottestShare = checkedShare(share);
      return this;
    }

    /**
     * Which part of the documents has the most frequent value of a hierarchical key's first level.
     *
     * @param share 0 to 1; unless set, the key has one level
     * @return this builder
     */
    public Builder firstLevelShare(double share) {
      this.firstLevelShare = checkedShare(share);
      return this;
    }

    /**
     * What the pipeline's limiter allows.
     *
     * @param requestUnitsPerSecond more than 0; no bound unless set
     * @return this builder
     */
    public Builder budget(double requestUnitsPerSecond) {
      if (!(requestUnitsPerSecond > 0)) {
        throw new IllegalArgumentException("A budget is more than 0.");
      }
      this.budget = OptionalDouble.of(requestUnitsPerSecond);
      return this;
    }

    /**
     * How many processor cores the client has.
     *
     * @param count at least 1; this machine's unless set
     * @return this builder
     */
    public Builder cores(int count) {
      if (count < 1) {
        throw new IllegalArgumentException("A client has at least 1 core.");
      }
      this.cores = count;
      return this;
    }

    /**
     * The container that is there; unless set, a new one is planned.
     *
     * @param throughput what is provisioned for it
     * @param physicalPartitions how many it has, at least 1
     * @return this builder
     */
    public Builder existing(ProvisionedThroughput throughput, int physicalPartitions) {
      this.provisioned = Objects.requireNonNull(throughput, "throughput");
      this.partitions = Math.max(1, physicalPartitions);
      return this;
    }

    private static double checkedShare(double share) {
      if (!(share >= 0 && share <= 1)) {
        throw new IllegalArgumentException("A share is 0 to 1, but was " + share + ".");
      }
      return share;
    }

    /**
     * Computes.
     *
     * @return the forecast
     */
    public LoadForecast build() {
      double work = documents * requestUnitsPerDocument;
      double gigabytes = ThroughputFormulas.storedGigabytes(documentBytes);
      int wantedPartitions =
          ThroughputFormulas.partitionsFor(gigabytes, ThroughputFormulas.PLANNED_FILL_GIGABYTES);
      boolean isNew = provisioned == null;
      int physical = isNew ? wantedPartitions : partitions;
      int createStandard = ThroughputFormulas.createWith(physical, false);
      int createAutoscale = ThroughputFormulas.createWith(physical, true);
      int loadAt = ThroughputFormulas.instantMaximum(physical);
      double target = provisioned == null ? loadAt : provisioned.requestUnitsPerSecond();
      double client = cores * ThroughputFormulas.REQUEST_UNITS_PER_CORE;
      double pace = Math.min(target, client);
      Pace by = client < target ? Pace.CLIENT : Pace.PROVISIONED;
      if (budget.isPresent() && budget.getAsDouble() <= pace) {
        pace = budget.getAsDouble();
        by = Pace.BUDGET;
      }
      double even = ThroughputFormulas.evenSeconds(work, pace);
      double skew = ThroughputFormulas.skewSeconds(work, hottestShare, target, physical);
      int highest = Math.max(loadAt, (int) target);
      LoadForecast facts =
          new LoadForecast(
              work,
              gigabytes,
              physical,
              pace,
              by,
              Duration.ofMillis(Math.round(1000 * Math.max(even, skew))),
              skew > even,
              gigabytes * hottestShare,
              createStandard,
              createAutoscale,
              loadAt,
              ThroughputFormulas.standardFloor(gigabytes, highest, 0),
              ThroughputFormulas.autoscaleFloor(gigabytes, highest, 0),
              List.of());
      return facts.with(advice(facts, wantedPartitions));
    }

    private List<String> advice(LoadForecast facts, int wantedPartitions) {
      List<String> advice = new ArrayList<>();
      if (facts.hottestGigabytes() > ThroughputFormulas.GIGABYTES_PER_LOGICAL_PARTITION) {
        advice.add(
            text(
                "One partition key value will hold %.0f GB, but 20 GB is the limit: choose a key"
                    + " with more values, or a hierarchical one.",
                facts.hottestGigabytes()));
      }
      if (facts.boundBySkew()) {
        advice.add(
            text(
                "The busiest partition key has %.1f %% of the documents and sets the pace: more"
                    + " throughput hardly helps, a key with more values does.",
                100 * hottestShare));
      }
      if (firstLevelShare != null && firstLevelShare * facts.partitions() > 2) {
        advice.add(
            text(
                "The first level of the partition key has a value with %.1f %% of the documents,"
                    + " which begin in one partition of %d: choose a first level with more values.",
                100 * firstLevelShare, facts.partitions()));
      }
      if (provisioned == null) {
        adviseNew(advice, facts);
      } else {
        adviseExisting(advice, facts, provisioned, wantedPartitions);
      }
      if (facts.pacedBy() == Pace.CLIENT) {
        advice.add(
            text(
                "The client's %d cores set the pace; Microsoft plans with 3,000 to 5,000 request"
                    + " units per second for each. Use more cores, or provision no more than that.",
                cores));
      }
      advice.add(
          "Standard throughput for the load, as all of it is used, and lowered afterwards; autoscale"
              + " afterwards if the full amount is used in less than 66 % of the hours.");
      return advice;
    }

    private static void adviseNew(List<String> advice, LoadForecast facts) {
      advice.add(
          text(
              "Create the container with %,d request units per second (standard) or an autoscale"
                  + " maximum of %,d, so that it begins with %d physical partitions; then load at up"
                  + " to %,d.",
              facts.createStandard(), facts.createAutoscale(), facts.partitions(), facts.loadAt()));
      advice.add(floor(facts));
    }

    private static void adviseExisting(
        List<String> advice,
        LoadForecast facts,
        ProvisionedThroughput provisioned,
        int wantedPartitions) {
      if (wantedPartitions > facts.partitions()) {
        advice.add(
            text(
                "The documents want %d physical partitions, and the container has %d: it will split"
                    + " while it is loaded. Better load into a new one.",
                wantedPartitions, facts.partitions()));
      }
      if (provisioned.requestUnitsPerSecond() < facts.loadAt()) {
        advice.add(
            text(
                "Up to %,d request units per second throughput rises at once; above that partitions"
                    + " split first, typically for 4 to 6 hours.",
                facts.loadAt()));
        advice.add(floor(facts));
      }
    }

    private static String floor(LoadForecast facts) {
      return text(
          "After a load at %,d the lowest throughput is %,d (standard), or an autoscale maximum of"
              + " %,d.",
          facts.loadAt(), facts.standardFloorAfterwards(), facts.autoscaleFloorAfterwards());
    }

    private static String text(String format, Object... values) {
      return String.format(Locale.ROOT, format, values);
    }
  }

  private LoadForecast with(List<String> sentences) {
    return new LoadForecast(
        requestUnits,
        storedGigabytes,
        partitions,
        requestUnitsPerSecond,
        pacedBy,
        duration,
        boundBySkew,
        hottestGigabytes,
        createStandard,
        createAutoscale,
        loadAt,
        standardFloorAfterwards,
        autoscaleFloorAfterwards,
        sentences);
  }
}
