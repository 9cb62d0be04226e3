package io.reverseetl.delta;

import io.delta.kernel.defaults.engine.fileio.FileIO;
import io.delta.kernel.defaults.engine.hadoopio.HadoopFileIO;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.engine.ParquetHandler;
import io.reverseetl.storage.LakeStorage;
import io.reverseetl.storage.StorageStatistics;
import io.reverseetl.table.ChangeCursor;
import io.reverseetl.table.ChangeQuery;
import io.reverseetl.table.ChangeRetention;
import io.reverseetl.table.CommitSize;
import io.reverseetl.table.DivisibleTableSource;
import io.reverseetl.table.RetainingTableSource;
import io.reverseetl.table.SnapshotQuery;
import io.reverseetl.table.TableSnapshot;
import io.reverseetl.table.TableVersion;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.HadoopParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.util.HadoopCodecs;
import org.jspecify.annotations.Nullable;

/**
 * A Delta table, read through Delta Kernel, without Spark. Thread-safe.
 *
 * <p>A table's URI is a local path, a {@code file:} URI, a URI of the {@link LakeStorage} that the
 * source is given, or else a URI of any file system that Hadoop on the class path knows. Local
 * files are read without Hadoop's file system, so {@code .crc} sidecars of Hadoop do not matter.
 *
 * <p>Tables in Azure, {@code abfss://container@account.dfs.core.windows.net/table} and the like,
 * are read through {@code io.reverseetl.azure.AzureLakeStorage} of the module for Azure Cosmos DB.
 *
 * <p>Opening reads nothing; a missing table shows at the first reading.
 *
 * <pre>{@code
 * String uri = "abfss://lake@acme.dfs.core.windows.net/gold/customers";
 * try (var source =
 *         DeltaTableSource.builder(uri).storage(AzureLakeStorage.of(credential)).build();
 *     var snapshot = source.openSnapshot(SnapshotQuery.latest())) {
 *   for (SnapshotPart part : snapshot.parts()) {
 *     try (Cursor<Row> rows = snapshot.open(part)) {
 *       while (rows.advance()) {
 *         use(rows.current());
 *       }
 *     }
 *   }
 * }
 * }</pre>
 */
public final class DeltaTableSource implements RetainingTableSource, DivisibleTableSource {
  private final KernelTable table;
  private final DataFileReader reader;
  private final DeltaChanges changes;
  private final boolean allowFilesOutsideTable;
  private final ParquetHandler parquet;
  private final @Nullable StorageMeter meter;

  private DeltaTableSource(
      KernelTable table,
      ParquetHandler parquet,
      boolean allowFilesOutsideTable,
      ChangeRowSource.Options changeOptions,
      @Nullable StorageMeter meter) {
    this.table = table;
    this.parquet = parquet;
    this.meter = meter;
    this.reader = new DataFileReader(parquet, table.errors());
    this.changes = new DeltaChanges(table, parquet, allowFilesOutsideTable, changeOptions);
    this.allowFilesOutsideTable = allowFilesOutsideTable;
  }

  /**
   * A table with the default settings.
   *
   * @param uri where the table is
   * @return a source that the caller closes
   * @throws IllegalArgumentException if the URI is no path
   */
  public static DeltaTableSource open(String uri) {
    return builder(uri).build();
  }

  /**
   * A table that is read through an engine of yours, and so through its storage, its Parquet reader
   * and its memory. The one place where this library takes a type of Delta Kernel; it changes with
   * Kernel.
   *
   * @param uri where the table is, in the form that the engine takes
   * @param engine the engine; it stays yours
   * @return a source that the caller closes
   */
  public static DeltaTableSource open(String uri, Engine engine) {
    ReadErrors errors = new ReadErrors(uri);
    return new DeltaTableSource(
        new KernelTable(new SilentEngine(engine), uri, errors),
        engine.getParquetHandler(),
        false,
        new Builder(uri).changeOptions(),
        null);
  }

  /**
   * Settings for a table.
   *
   * @param uri where the table is
   * @return a new builder
   */
  public static Builder builder(String uri) {
    return new Builder(uri);
  }

  @Override
  public TableVersion latestVersion() {
    return describe(table.latest());
  }

  @Override
  public TableSnapshot openSnapshot(SnapshotQuery query) {
    KernelTable.Version version = table.load(query.version(), query.timestamp());
    return new DeltaSnapshot(
        table, version, describe(version), query, reader, allowFilesOutsideTable);
  }

  private TableVersion describe(KernelTable.Version version) {
    return new TableVersion(
        table.errors().table(),
        version.tableId(),
        version.number(),
        Instant.ofEpochMilli(version.timestamp()));
  }

  @Override
  public long newestVersion(long known) {
    return changes.newestVersion(known);
  }

  /**
   * {@inheritDoc}
   *
   * <p>By the properties {@code delta.logRetentionDuration}, 30 days unless set, and {@code
   * delta.deletedFileRetentionDuration}, 7 days unless set. Files may go earlier if somebody
   * vacuums the table with a shorter retention than it has.
   */
  @Override
  public ChangeRetention retention(long known) {
    return changes.retention(known);
  }

  @Override
  public long earliestChanges() {
    return table.earliestVersion();
  }

  @Override
  public ChangeCursor openChanges(ChangeQuery query) {
    return changes.open(query);
  }

  @Override
  public List<CommitSize> commits(ChangeQuery query) {
    return changes.sizes(query);
  }

  /**
   * What reading the table has asked of its {@link LakeStorage}.
   *
   * @return the counts so far; all 0 if the table is read without one, from local files or through
   *     Hadoop
   */
  public StorageStatistics storageStatistics() {
    return meter == null ? new StorageStatistics(0, 0, 0, 0, Duration.ZERO) : meter.statistics();
  }

  /** Gives back what was read before it was wanted. What is open stays so. May be called twice. */
  @Override
  public void close() {
    if (parquet instanceof ParquetFiles own) {
      own.discardPrepared();
    }
  }

  /** Settings for a {@link DeltaTableSource}. Not thread-safe. */
  public static final class Builder {
    private static final long DEFAULT_READ_MEMORY = 256L << 20;
    private static final long DEFAULT_DIFF_MEMORY = 64L << 20;
    private static final int DEFAULT_CHANGE_THREADS =
        Math.min(4, Runtime.getRuntime().availableProcessors());

    private final String uri;
    private final Map<String, String> hadoopConfiguration = new LinkedHashMap<>();
    private long readMemoryBytes = DEFAULT_READ_MEMORY;
    private boolean allowFilesOutsideTable;
    private int changeReadThreads = DEFAULT_CHANGE_THREADS;
    private long diffMemoryBytes = DEFAULT_DIFF_MEMORY;
    private Path diffFolder = Path.of(System.getProperty("java.io.tmpdir", "."));
    private UnaryOperator<FileIO> storage = UnaryOperator.identity();
    private @Nullable LakeStorage lake;
    private boolean readAhead = true;

    private Builder(String uri) {
      this.uri = Objects.requireNonNull(uri, "uri");
      if (uri.isBlank()) {
        throw new IllegalArgumentException("The URI of the table is empty.");
      }
    }

    /**
     * The storage that the table is in. Nothing of Hadoop is then used to find, list or read files.
     * One storage serves any number of sources, and is not closed with them.
     *
     * @param storage reads the table's URI; default: none, so that local files are read as they
     *     are, and all others through Hadoop
     * @return this builder
     */
    public Builder storage(LakeStorage storage) {
      lake = Objects.requireNonNull(storage, "storage");
      return this;
    }

    /**
     * Whether data files of a {@link #storage} are read before they are wanted: of an open file the
     * next row group while one is decoded, and of a snapshot the next three files. It takes memory
     * from {@link #readMemoryBytes}: as much again as the compressed row group, and for the next
     * files only what nobody waits for.
     *
     * @param ahead default: true
     * @return this builder
     */
    public Builder readAhead(boolean ahead) {
      readAhead = ahead;
      return this;
    }

    /**
     * Settings for Hadoop's file systems, such as credentials. They are added to Hadoop's own
     * configuration files.
     *
     * @param settings names and values; default: none
     * @return this builder
     */
    public Builder hadoopConfiguration(Map<String, String> settings) {
      hadoopConfiguration.clear();
      hadoopConfiguration.putAll(settings);
      return this;
    }

    /**
     * How much memory the data files that are open at the same time may take together. The first
     * {@code advance()} on one more waits until there is room. A file's need is estimated from its
     * largest row group, in the columns that are read; a file that needs more than the whole budget
     * is read alone. A thread that keeps a cursor open and opens another may wait for itself: leave
     * room, or close first.
     *
     * @param bytes the budget, at least 1; default: 256 MiB
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder readMemoryBytes(long bytes) {
      if (bytes < 1) {
        throw new IllegalArgumentException(
            "readMemoryBytes must be at least 1, but was " + bytes + ".");
      }
      readMemoryBytes = bytes;
      return this;
    }

    /**
     * Whether files outside the table's folder may be read, if the table's log names such. Shallow
     * clones need it. Whoever can write the log can then have any file read that the credentials
     * reach.
     *
     * @param allow default: false, which refuses such tables
     * @return this builder
     */
    public Builder allowFilesOutsideTable(boolean allow) {
      allowFilesOutsideTable = allow;
      return this;
    }

    /**
     * How many files of one commit a change cursor reads at the same time, each on a thread of its
     * own, as far as {@link #readMemoryBytes} allows. The order of the changes does not depend on
     * it. Commits whose changes are in one file are read by the thread that advances the cursor.
     *
     * @param threads at least 1, which starts no threads; default: the number of processors, at
     *     most 4
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder changeReadThreads(int threads) {
      if (threads < 1) {
        throw new IllegalArgumentException(
            "changeReadThreads must be at least 1, but was " + threads + ".");
      }
      changeReadThreads = threads;
      return this;
    }

    /**
     * How much memory the rows of one commit may take while {@link
     * io.reverseetl.table.ChangeMethod#DIFF} compares them; what is more goes to temporary files in
     * {@link #diffFolder}. Each open cursor may take as much.
     *
     * @param bytes at least 1; default: 64 MiB
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder diffMemoryBytes(long bytes) {
      if (bytes < 1) {
        throw new IllegalArgumentException(
            "diffMemoryBytes must be at least 1, but was " + bytes + ".");
      }
      diffMemoryBytes = bytes;
      return this;
    }

    /**
     * Where {@link io.reverseetl.table.ChangeMethod#DIFF} puts temporary files. They hold rows of
     * the table, and are deleted when the commit is read, or the cursor is closed.
     *
     * @param folder an existing folder; default: the one of {@code java.io.tmpdir}
     * @return this builder
     */
    public Builder diffFolder(Path folder) {
      diffFolder = Objects.requireNonNull(folder, "folder");
      return this;
    }

    private ChangeRowSource.Options changeOptions() {
      return new ChangeRowSource.Options(changeReadThreads, diffMemoryBytes, diffFolder);
    }

    /** For tests: looks over the shoulder of the storage. */
    Builder storage(UnaryOperator<FileIO> wrapper) {
      storage = wrapper;
      return this;
    }

    /**
     * Makes the source. Reads nothing.
     *
     * @return a source that the caller closes
     * @throws IllegalArgumentException if the URI is no path, or none of the {@link #storage}
     */
    public DeltaTableSource build() {
      return lake == null ? buildOverFiles() : buildOver(lake);
    }

    private DeltaTableSource buildOver(LakeStorage lakeStorage) {
      String location = lakeStorage.resolve(uri);
      ReadErrors errors = new ReadErrors(location);
      StoredFiles stored =
          new StoredFiles(
              lakeStorage,
              new TablePaths(location, allowFilesOutsideTable, lakeStorage::resolve),
              readAhead);
      FileIO files = storage.apply(stored);
      Supplier<ParquetReadOptions> options =
          () ->
              ParquetReadOptions.builder(new PlainParquetConfiguration())
                  .withCodecFactory(Codecs.own())
                  .build();
      MemoryBudget budget = new MemoryBudget(readMemoryBytes);
      return new DeltaTableSource(
          new KernelTable(
              new TableEngine(files, ParquetFiles.ofLog(files, options)),
              location,
              errors,
              lakeStorage::resolve),
          readAhead
              ? ParquetFiles.ofDataAhead(files, options, budget, stored.fetcher()::execute)
              : ParquetFiles.ofData(files, options, budget),
          allowFilesOutsideTable,
          changeOptions(),
          stored.meter());
    }

    private DeltaTableSource buildOverFiles() {
      Path local = localPath(uri);
      return local == null ? buildOverHadoop() : buildOverLocal(local);
    }

    /** Without Hadoop's configuration: reading its files takes longer than opening the table. */
    private DeltaTableSource buildOverLocal(Path folder) {
      Map<String, String> settings = Map.copyOf(hadoopConfiguration);
      return buildOver(
          new LocalFileIO(key -> Optional.ofNullable(settings.get(key))),
          LocalFileIO.toKernelPath(folder),
          () ->
              ParquetReadOptions.builder(new PlainParquetConfiguration(settings))
                  .withCodecFactory(
                      Codecs.orElse(() -> HadoopCodecs.newFactory(configuration(settings), 0)))
                  .build());
    }

    private DeltaTableSource buildOverHadoop() {
      Configuration configuration = configuration(hadoopConfiguration);
      return buildOver(
          new HadoopFileIO(configuration),
          uri,
          () -> ParquetReadOptions.builder(new HadoopParquetConfiguration(configuration)).build());
    }

    private DeltaTableSource buildOver(
        FileIO wrapped, String location, Supplier<ParquetReadOptions> options) {
      FileIO files = storage.apply(wrapped);
      return new DeltaTableSource(
          new KernelTable(
              new TableEngine(files, ParquetFiles.ofLog(files, options)),
              location,
              new ReadErrors(location)),
          ParquetFiles.ofData(files, options, new MemoryBudget(readMemoryBytes)),
          allowFilesOutsideTable,
          changeOptions(),
          null);
    }

    private static Configuration configuration(Map<String, String> settings) {
      Configuration configuration = new Configuration();
      settings.forEach(configuration::set);
      return configuration;
    }

    /** The path of a local table; null for a table elsewhere. */
    private static @Nullable Path localPath(String uri) {
      try {
        if (uri.regionMatches(true, 0, "file:", 0, 5)) {
          Path plain = LocalFileIO.toLocalPath("file:" + uri.substring(5));
          if (uri.indexOf('%') < 0 || Files.exists(plain)) {
            return plain;
          }
          return Path.of(URI.create(uri));
        }
        return uri.matches("[A-Za-z][A-Za-z0-9+.-]+:/.*") ? null : Path.of(uri);
      } catch (InvalidPathException | java.nio.file.FileSystemNotFoundException e) {
        throw new IllegalArgumentException(
            "\"" + Redaction.uri(uri) + "\" is no path: " + e.getMessage(), e);
      }
    }
  }
}
