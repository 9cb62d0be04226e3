package io.reverseetl.delta;

import io.delta.kernel.engine.ParquetHandler;
import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.exceptions.ReverseEtlException;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.table.ChangeCursor;
import io.reverseetl.table.ChangeMethod;
import io.reverseetl.table.ChangeQuery;
import io.reverseetl.table.ChangeRetention;
import io.reverseetl.table.CommitSize;
import io.reverseetl.table.SchemaMode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** The row changes of one table. Thread-safe. */
final class DeltaChanges {
  /** Spark makes the times of commit files increase from this many versions before a range on. */
  private static final long LISTED_BEFORE = 100;

  /** For so long a look at the log's end stands for the first look of the reading that follows. */
  private static final long LOOK_NANOS = Duration.ofSeconds(2).toNanos();

  private final KernelTable table;
  private final ParquetHandler parquet;
  private final boolean allowFilesOutsideTable;
  private final ChangeRowSource.Options options;
  private final @Nullable RangeFetcher threads;
  private final CommitReader commits;
  private final TableStates states;

  /** The newest commit that a reading saw, to tell the times of later ones by. */
  private final AtomicReference<@Nullable CommitListing> end = new AtomicReference<>();

  /** What was last seen of the log's end. */
  private final AtomicReference<@Nullable Look> look = new AtomicReference<>();

  private record Look(CommitListing listing, long nanos) {
    boolean isFresh() {
      return System.nanoTime() - nanos < LOOK_NANOS;
    }
  }

  /**
   * For one table.
   *
   * @param threads reads commits before they are wanted; null for none
   */
  DeltaChanges(
      KernelTable table,
      ParquetHandler parquet,
      boolean allowFilesOutsideTable,
      ChangeRowSource.Options options,
      @Nullable RangeFetcher threads) {
    this.table = table;
    this.parquet = parquet;
    this.allowFilesOutsideTable = allowFilesOutsideTable;
    this.options = options;
    this.threads = threads;
    this.commits = new CommitReader(table);
    this.states = new TableStates(table, commits);
  }

  /** See {@link io.reverseetl.table.TableSource#newestVersion}. */
  long newestVersion(long known) {
    if (known < -1) {
      throw new IllegalArgumentException("A known version is at least -1, but was " + known + ".");
    }
    CommitListing listing = CommitListing.from(table, Math.max(0, known), end.get());
    look.set(new Look(listing, System.nanoTime()));
    return newestVersion(known, listing);
  }

  private long newestVersion(long known, CommitListing listing) {
    ChangeErrors errors = new ChangeErrors(table.errors(), "from " + (known + 1));
    if (!listing.isEmpty()) {
      if (listing.first() > known + 1) {
        throw errors.cleaned(listing.first(), null);
      }
      return listing.last();
    }
    long latest = table.latest().number();
    if (latest < known) {
      throw errors.fewerVersions(latest);
    }
    return latest;
  }

  /** See {@link io.reverseetl.table.RetainingTableSource#retention}. */
  ChangeRetention retention(long known) {
    if (known < 0) {
      throw new IllegalArgumentException("A known version is at least 0, but was " + known + ".");
    }
    Look seen = look.get();
    CommitListing listing =
        seen != null && seen.isFresh() && seen.listing().has(known)
            ? seen.listing()
            : CommitListing.from(table, known);
    newestVersion(known, listing);
    Map<String, String> properties = properties(known, listing);
    return new ChangeRetention(
        listing.has(known + 1)
            ? Optional.of(Instant.ofEpochMilli(listing.timestamp(known + 1)))
            : Optional.empty(),
        Retention.ofLog(properties),
        Retention.ofFiles(properties));
  }

  /** Those at the known version, which the next reading needs anyway; else the newest ones. */
  private Map<String, String> properties(long known, CommitListing listing) {
    try {
      return states.at(known, listing).properties();
    } catch (TableReadException e) {
      return switch (e.reason()) {
        case VERSION_NOT_FOUND, CORRUPT_LOG, FILE_NOT_FOUND -> table.latest().properties();
        default -> throw e;
      };
    }
  }

  /** See {@link io.reverseetl.table.TableSource#openChanges}. */
  ChangeCursor open(ChangeQuery query) {
    ChangeErrors errors = errors(query);
    CommitListing listing = listing(query);
    long from = query.fromVersion();
    if (isNothing(query, listing)) {
      checkNothing(query, listing, errors);
      return new DeltaChangeCursor(
          from, from - 1, null, rows(query, "", errors), query.schemaListener(), errors);
    }
    CommitPlans plans = plans(query, listing, errors);
    boolean opened = false;
    try {
      plans.check();
      opened = true;
    } finally {
      if (!opened) {
        plans.close();
      }
    }
    return new DeltaChangeCursor(
        from,
        plans.last(),
        plans,
        rows(query, table.root(), errors),
        query.schemaListener(),
        errors);
  }

  /** See {@link io.reverseetl.table.DivisibleTableSource#commits}. */
  List<CommitSize> sizes(ChangeQuery query) {
    ChangeErrors errors = errors(query);
    CommitListing listing = listing(query);
    if (isNothing(query, listing)) {
      checkNothing(query, listing, errors);
      return List.of();
    }
    ChangeQuery whole = query.share(0, 1);
    ReadShare share = share(whole);
    try (CommitPlans plans = plans(whole, listing, errors)) {
      List<CommitSize> sizes = new ArrayList<>();
      for (CommitPlan plan = plans.next(); plan != null; plan = plans.next()) {
        sizes.add(plan.size(share));
        plans.done(plan);
      }
      return sizes;
    }
  }

  private ChangeErrors errors(ChangeQuery query) {
    long from = query.fromVersion();
    return new ChangeErrors(
        table.errors(),
        query.toVersion().isPresent()
            ? from + ".." + query.toVersion().getAsLong()
            : "from " + from);
  }

  /**
   * What there is to read. A poll has just asked for the newest version, and reads up to that; it
   * then goes by what was listed for the answer, once.
   */
  private CommitListing listing(ChangeQuery query) {
    Look seen = look.getAndSet(null);
    CommitListing listing =
        seen != null && seen.isFresh() && suffices(seen.listing(), query)
            ? seen.listing()
            : CommitListing.from(table, Math.max(0, query.fromVersion() - LISTED_BEFORE));
    if (!listing.isEmpty()) {
      end.set(listing.end());
    }
    return listing;
  }

  private static boolean suffices(CommitListing listing, ChangeQuery query) {
    return listing.follows()
        && query.schemaMode() == SchemaMode.PER_COMMIT
        && listing.has(query.fromVersion() - 1)
        && query.toVersion().isPresent()
        && listing.has(query.toVersion().getAsLong());
  }

  private static boolean isNothing(ChangeQuery query, CommitListing listing) {
    return listing.isEmpty() || listing.last() < query.fromVersion();
  }

  private static ReadShare share(ChangeQuery query) {
    return ReadShare.of(query, query.method() == ChangeMethod.DIFF);
  }

  /** Plans the commits of a range that is there; the caller closes the plans. */
  private CommitPlans plans(ChangeQuery query, CommitListing listing, ChangeErrors errors) {
    long from = query.fromVersion();
    if (!listing.has(from)) {
      throw startMissing(from, listing, errors);
    }
    long latest = listing.last();
    long to = Math.min(latest, query.toVersion().orElse(latest));
    long missing = listing.firstMissing(from, to);
    if (missing >= 0) {
      throw errors.hole(missing);
    }
    CommitsAhead ahead = new CommitsAhead(commits, listing, table.errors(), threads);
    try {
      return plans(query, listing, to, ahead, errors);
    } catch (RuntimeException e) {
      ahead.close();
      throw e;
    }
  }

  private CommitPlans plans(
      ChangeQuery query, CommitListing listing, long to, CommitsAhead ahead, ChangeErrors errors) {
    long from = query.fromVersion();
    long latest = listing.last();
    LongFunction<Commit> reader = version -> ahead.look(version, to);
    TableState before = before(from, listing, reader);
    TableState first = first(from, listing, reader, errors);
    checkIdentity(query, first, errors);
    if (query.method() == ChangeMethod.FEED && !first.feedIsOn()) {
      throw errors.feedOff(from);
    }
    if (query.method() == ChangeMethod.DIFF) {
      checkKeys(query, first, errors);
    }
    TableState fixed = null;
    long readVersion = -1;
    if (query.schemaMode() == SchemaMode.STRICT) {
      TableState end = states.at(to, listing, reader);
      TableState newest = states.at(latest, listing, reader);
      boolean mapped = first.isMapped() || end.isMapped() || newest.isMapped();
      fixed = mapped ? end : newest;
      readVersion = mapped ? to : latest;
    }
    String root = table.root();
    return new CommitPlans(
        table,
        ahead,
        listing,
        states,
        new CommitPlans.Rules(
            from,
            first,
            query.method() == ChangeMethod.FEED,
            query.tableId().orElse(null),
            fixed,
            readVersion),
        new CommitPlanner(
            table.paths(root, allowFilesOutsideTable),
            fixed,
            readVersion,
            query.method() == ChangeMethod.DIFF,
            errors),
        new FileCheck(table, root, share(query), errors),
        errors,
        before,
        to);
  }

  private ChangeRowSource rows(ChangeQuery query, String root, ChangeErrors errors) {
    List<String> diffKeys = query.method() == ChangeMethod.DIFF ? query.keys() : null;
    return new ChangeRowSource(table, root, parquet, options, diffKeys, share(query), errors);
  }

  /** Looks whether it is right that there is no commit from the first version on. */
  private void checkNothing(ChangeQuery query, CommitListing listing, ChangeErrors errors) {
    long from = query.fromVersion();
    long latest = listing.isEmpty() ? table.latest().number() : listing.last();
    if (latest < from - 1) {
      throw query.tableId().isPresent()
          ? errors.fewerVersions(latest)
          : errors.beyondLatest(latest);
    }
    if (latest >= from) {
      throw startMissing(from, listing, errors);
    }
    if (query.tableId().isPresent()) {
      checkIdentity(query, states.at(latest, listing), errors);
    }
  }

  private ReverseEtlException startMissing(long from, CommitListing near, ChangeErrors errors) {
    CommitListing all = CommitListing.from(table, 0);
    CommitListing listing = all.isEmpty() ? near : all;
    if (listing.isEmpty()) {
      return errors.cleaned(table.latest().number() + 1, null);
    }
    return listing.first() < from ? errors.hole(from) : errors.cleaned(listing.first(), null);
  }

  private static void checkIdentity(ChangeQuery query, TableState state, ChangeErrors errors) {
    if (query.tableId().isPresent() && !query.tableId().get().equals(state.tableId())) {
      throw errors.otherTable(query.tableId().get(), state.tableId(), null);
    }
  }

  private static void checkKeys(ChangeQuery query, TableState first, ChangeErrors errors) {
    for (String key : query.keys()) {
      if (first.columns().indexOf(key) < 0) {
        throw errors
            .reading()
            .of(
                TableReadException.Reason.COLUMN_NOT_FOUND,
                errors.action(),
                "there is no key column \""
                    + key
                    + "\"; the columns of version "
                    + query.fromVersion()
                    + " are "
                    + first.columns().names()
                    + ".",
                null);
      }
    }
  }

  /** The state before the range; null if there is none, or the log no longer tells it. */
  private @Nullable TableState before(
      long from, CommitListing listing, LongFunction<Commit> reader) {
    if (from == 0) {
      return null;
    }
    try {
      return states.at(from - 1, listing, reader);
    } catch (TableReadException e) {
      return switch (e.reason()) {
        case VERSION_NOT_FOUND, CORRUPT_LOG, FILE_NOT_FOUND -> null;
        default -> throw e;
      };
    }
  }

  private TableState first(
      long from, CommitListing listing, LongFunction<Commit> reader, ChangeErrors errors) {
    try {
      return states.at(from, listing, reader);
    } catch (TableReadException e) {
      throw switch (e.reason()) {
        case VERSION_NOT_FOUND, FILE_NOT_FOUND -> cleaned(e, errors);
        default -> e;
      };
    }
  }

  /** The commits are there, but nothing from which the state at them could be told. */
  private ChangesUnavailableException cleaned(TableReadException e, ChangeErrors errors) {
    return errors.cleaned(table.earliestVersion(), e);
  }
}
