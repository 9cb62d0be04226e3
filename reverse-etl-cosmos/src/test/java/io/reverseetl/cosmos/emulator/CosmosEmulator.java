package io.reverseetl.cosmos.emulator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * A Cosmos DB account inside this JVM, on a free loopback port, speaking the wire protocol of the
 * NoSQL API over plain HTTP. Several may run side by side.
 *
 * <pre>{@code
 * try (CosmosEmulator emulator = CosmosEmulator.builder().partitions(4).start()) {
 *   client.endpoint(emulator.endpoint().toString()).key(emulator.key()).gatewayMode();
 * }
 * }</pre>
 *
 * <p>The Azure client accepts plain HTTP only with the system property {@code
 * COSMOS.HTTP_CONNECTION_WITHOUT_TLS_ALLOWED=true}, set before its classes load, and only in
 * gateway mode.
 *
 * <p>Thread-safe. Whoever starts it closes it; closing cuts every connection and stops every
 * thread.
 */
public final class CosmosEmulator implements AutoCloseable {
  /** The key that an emulator accepts unless it is told another. */
  public static final String DEFAULT_KEY =
      "cmV2ZXJzZS1ldGwgY29zbW9zIGVtdWxhdG9yIGtleSwgbm90IGEgc2VjcmV0LCBzaXh0eS1mb3VyIGJ5dGVzIQ==";

  private final AccountStore account;
  private final RequestAuthenticator authenticator;
  private final Faults faults = new Faults();
  private final CallLog calls;
  private final RequestHandler handler;
  private final HttpListener listener;

  private CosmosEmulator(Builder builder) throws IOException {
    account =
        new AccountStore(
            builder.clock,
            builder.partitions,
            builder.requestUnitsPerSecond,
            builder.limited,
            builder.serverless);
    authenticator = new RequestAuthenticator(builder.key);
    calls = new CallLog(builder.clock);
    handler = new RequestHandler(account, authenticator, faults, calls);
    HttpListener started;
    try {
      if (builder.dataFolder != null) {
        account.persistTo(builder.dataFolder);
      }
      started = HttpListener.start(builder.port, handler::handle);
    } catch (IOException | RuntimeException e) {
      account.close();
      throw e;
    }
    listener = started;
    handler.endpoint(endpoint().toString());
  }

  /** Starts with the defaults: one partition, no limit of request units, nothing kept. */
  public static CosmosEmulator start() {
    return builder().start();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The account's address, {@code http://127.0.0.1:port/}. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + listener.port() + "/");
  }

  /** The port that the emulator listens on. */
  public int port() {
    return listener.port();
  }

  /** The master key that is accepted now. */
  public String key() {
    return authenticator.key();
  }

  /**
   * Rotates the key: from the next request on the old one is answered 401.
   *
   * @param base64 the new key
   */
  public void key(String base64) {
    authenticator.key(base64);
  }

  /** What goes wrong, and when. */
  public Faults faults() {
    return faults;
  }

  /** The requests that came in. */
  public CallLog calls() {
    return calls;
  }

  /** Ends every open connection without an answer; the clients may connect anew. */
  public void dropConnections() {
    listener.dropConnections();
  }

  /** Ends every open connection, and refuses new ones until {@link #acceptConnections}. */
  public void refuseConnections() {
    try {
      listener.refuse();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot refuse connections", e);
    }
  }

  /** Takes connections again, on the same port. */
  public void acceptConnections() {
    try {
      listener.accept();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot take connections again", e);
    }
  }

  /** The database of that name, which has to exist. */
  public EmulatedDatabase database(String name) {
    return new EmulatedDatabase(account, handler.items(), account.database(name));
  }

  /** Creates a database without throughput of its own, or returns the one that exists. */
  public EmulatedDatabase createDatabase(String name) {
    DatabaseStore created;
    try {
      created = account.createDatabase(name, null);
    } catch (CosmosError e) {
      if (e.status() != 409) {
        throw e;
      }
      created = account.database(name);
    }
    return new EmulatedDatabase(account, handler.items(), created);
  }

  /** Names of all databases, sorted. */
  public List<String> databaseNames() {
    List<String> names = new ArrayList<>();
    account.databases().forEach(database -> names.add(database.name()));
    return names;
  }

  /**
   * While on, a replaced throughput stays pending, with the old value in force, until {@link
   * #completeThroughputChanges}. Off by default: changes hold at once.
   */
  public void deferThroughputChanges(boolean defer) {
    account.deferThroughputChanges(defer);
  }

  /** Puts every pending throughput change into force. */
  public void completeThroughputChanges() {
    account.completeThroughputChanges();
  }

  /** Stops the emulator; a second call does nothing. */
  @Override
  public void close() {
    faults.clear();
    try {
      listener.close();
      account.close();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot close the emulator", e);
    }
  }

  /** Settings of an emulator. Not thread-safe. */
  public static final class Builder {
    private int port;
    private int partitions = 1;
    private int requestUnitsPerSecond = 400;
    private boolean limited;
    private boolean serverless;
    private String key = DEFAULT_KEY;
    private Path dataFolder;
    private InstantSource clock = InstantSource.system();

    private Builder() {}

    /** The loopback port; 0, the default, takes a free one. */
    public Builder port(int number) {
      port = number;
      return this;
    }

    /** Number of partition ranges of containers that clients create; 1 unless said. */
    public Builder partitions(int count) {
      if (count < 1) {
        throw new IllegalArgumentException("A container has at least one partition: " + count);
      }
      partitions = count;
      return this;
    }

    /**
     * Throughput of containers that are created without any, and switches {@link #limited} on. In
     * request units per second for the whole container, divided evenly over its ranges.
     */
    public Builder requestUnitsPerSecond(int requestUnits) {
      requestUnitsPerSecond = requestUnits;
      limited = true;
      return this;
    }

    /**
     * Whether throughput is enforced with 429 answers; off by default. Offers exist either way,
     * with 400 request units per second where nothing is said.
     */
    public Builder limited(boolean enforce) {
      limited = enforce;
      return this;
    }

    /** Containers get no offer unless they ask for one, as in a serverless account. */
    public Builder serverless() {
      serverless = true;
      return this;
    }

    /** The master key in base64; {@link #DEFAULT_KEY} unless said. */
    public Builder key(String base64) {
      key = base64;
      return this;
    }

    /** Keeps everything in this folder, over restarts and kills; nothing is kept unless said. */
    public Builder dataFolder(Path folder) {
      dataFolder = folder;
      return this;
    }

    /** Clock of timestamps, time to live and budgets; the system's unless said. */
    public Builder clock(InstantSource source) {
      clock = source;
      return this;
    }

    /**
     * Starts the emulator.
     *
     * @throws UncheckedIOException when the port is taken or the data folder cannot be used
     */
    public CosmosEmulator start() {
      try {
        return new CosmosEmulator(this);
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot start the Cosmos DB emulator", e);
      }
    }
  }
}
