package io.reverseetl.cosmos.junit;

import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosAsyncContainer;
import io.reverseetl.cosmos.CosmosCheckpointStore;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.cosmos.emulator.EmulatedContainer;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives every test a container of its own in a Cosmos DB emulator, and the real client to it. Tests
 * may run in parallel.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final CosmosEmulatorExtension COSMOS = CosmosEmulatorExtension.of("/region");
 *
 * @Test
 * void writes(CosmosAsyncContainer container, EmulatedContainer stored) { ... }
 * }</pre>
 *
 * <p>A test method, and a method that runs before or after each, may take these parameters:
 *
 * <ul>
 *   <li>{@link CosmosAsyncContainer}: the test's empty container, through the client
 *   <li>{@link EmulatedContainer}: the same container, looked at directly
 *   <li>{@link CosmosCheckpointStore}: an empty store in a container of its own
 *   <li>{@link CosmosAsyncClient}: the client
 *   <li>{@link CosmosEmulator}: the account, for faults and the log of calls
 * </ul>
 *
 * <p>In a static field one emulator and one client serve the whole class, nested classes too; in
 * another field each test has both for itself, which costs it a few hundred milliseconds. Faults
 * and calls belong to the emulator: where tests of a class run in parallel, narrow a fault with
 * {@code container(stored.name())}, or use a field that is not static.
 *
 * <p>Loading this class allows the client plain HTTP. Where other classes use the Azure client
 * before, set the system property {@code COSMOS.HTTP_CONNECTION_WITHOUT_TLS_ALLOWED=true} for the
 * JVM of the tests.
 *
 * <p>Thread-safe.
 */
public final class CosmosEmulatorExtension
    implements BeforeAllCallback,
        AfterAllCallback,
        BeforeEachCallback,
        AfterEachCallback,
        ParameterResolver {
  static {
    // The client reads both once, when its classes load.
    System.setProperty("COSMOS.HTTP_CONNECTION_WITHOUT_TLS_ALLOWED", "true");
    System.setProperty("COSMOS.DISABLE_IMDS_ACCESS", "true");
  }

  private static final Set<Class<?>> PARAMETERS =
      Set.of(
          CosmosAsyncContainer.class,
          EmulatedContainer.class,
          CosmosCheckpointStore.class,
          CosmosAsyncClient.class,
          CosmosEmulator.class);

  private final Namespace namespace = Namespace.create(CosmosEmulatorExtension.class, this);
  private final Settings settings;

  private CosmosEmulatorExtension(Settings settings) {
    this.settings = settings;
  }

  /** What an account and its containers are like. */
  record Settings(
      String[] partitionKeyPaths, int partitions, Consumer<CosmosEmulator.Builder> emulator) {}

  /**
   * An extension whose containers have one partition.
   *
   * @param partitionKeyPaths the containers' partition key, one to three property paths
   * @return the extension
   */
  public static CosmosEmulatorExtension of(String... partitionKeyPaths) {
    return builder(partitionKeyPaths).build();
  }

  /**
   * Begins an extension.
   *
   * @param partitionKeyPaths the containers' partition key, one to three property paths
   * @return a new builder
   */
  public static Builder builder(String... partitionKeyPaths) {
    return new Builder(partitionKeyPaths);
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    if (account(context) == null) { // a nested class has that of the class around it
      store(context).put(EmulatedAccount.class, EmulatedAccount.start(settings));
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    closeOwn(context);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    EmulatedAccount account = account(context);
    if (account == null) {
      account = EmulatedAccount.start(settings);
      store(context).put(EmulatedAccount.class, account);
    }
    store(context).put(EmulatedAccount.Containers.class, account.createContainers());
  }

  @Override
  public void afterEach(ExtensionContext context) {
    EmulatedAccount.Containers containers =
        store(context).remove(EmulatedAccount.Containers.class, EmulatedAccount.Containers.class);
    if (containers != null) {
      containers.delete();
    }
    closeOwn(context);
  }

  /** Closes what was started for this very context; what a parent has stays. */
  private void closeOwn(ExtensionContext context) {
    EmulatedAccount account = store(context).remove(EmulatedAccount.class, EmulatedAccount.class);
    if (account != null) {
      account.close();
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return PARAMETERS.contains(parameter.getParameter().getType())
        && context.getTestMethod().isPresent();
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    EmulatedAccount account = Objects.requireNonNull(account(context));
    if (type == CosmosEmulator.class) {
      return account.emulator();
    } else if (type == CosmosAsyncClient.class) {
      return account.client();
    }
    EmulatedAccount.Containers containers =
        Objects.requireNonNull(
            store(context).get(EmulatedAccount.Containers.class, EmulatedAccount.Containers.class));
    if (type == CosmosAsyncContainer.class) {
      return containers.documents();
    } else if (type == EmulatedContainer.class) {
      return containers.stored();
    }
    return containers.checkpoints();
  }

  private EmulatedAccount account(ExtensionContext context) {
    return store(context).get(EmulatedAccount.class, EmulatedAccount.class);
  }

  private ExtensionContext.Store store(ExtensionContext context) {
    return context.getStore(namespace);
  }

  /** Sets the options of a {@link CosmosEmulatorExtension}. Not thread-safe. */
  public static final class Builder {
    private final String[] partitionKeyPaths;
    private int partitions = 1;
    private Consumer<CosmosEmulator.Builder> emulator = account -> {};

    private Builder(String... partitionKeyPaths) {
      if (partitionKeyPaths.length < 1 || partitionKeyPaths.length > 3) {
        throw new IllegalArgumentException("A container has one to three partition key paths.");
      }
      this.partitionKeyPaths = partitionKeyPaths.clone();
    }

    /**
     * How many partitions each test's container has.
     *
     * @param count at least 1; 1 unless set
     * @return this builder
     */
    public Builder partitions(int count) {
      this.partitions = count;
      return this;
    }

    /**
     * Sets options of the emulator, for example its throughput.
     *
     * @param options called once for each emulator
     * @return this builder
     */
    public Builder emulator(Consumer<CosmosEmulator.Builder> options) {
      this.emulator = Objects.requireNonNull(options, "options");
      return this;
    }

    /**
     * Makes the extension. Starts nothing yet.
     *
     * @return the extension
     */
    public CosmosEmulatorExtension build() {
      return new CosmosEmulatorExtension(new Settings(partitionKeyPaths, partitions, emulator));
    }
  }
}
