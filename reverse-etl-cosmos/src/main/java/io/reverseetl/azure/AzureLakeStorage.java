package io.reverseetl.azure;

import com.azure.core.credential.AzureSasCredential;
import com.azure.core.credential.TokenCredential;
import com.azure.core.http.HttpClient;
import com.azure.core.http.policy.ExponentialBackoffOptions;
import com.azure.core.http.policy.RetryOptions;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.common.StorageSharedKeyCredential;
import io.reverseetl.storage.LakeStorage;
import io.reverseetl.storage.StoredFile;
import io.reverseetl.storage.StoredRange;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tables in Azure: Data Lake Storage Gen2, Blob storage and OneLake. Thread-safe; one serves any
 * number of tables and accounts, and needs no closing. Needs {@code com.azure:azure-storage-blob}
 * in your build.
 *
 * <p>Nothing here shows or logs a key, a token or a signature. The client's network library does
 * log whole addresses, and with them signatures, if its logger {@code reactor.netty} is at DEBUG.
 *
 * <p>It reads through the Blob service of an account, which every account has, with or without a
 * hierarchical namespace. These are the same table:
 *
 * <ul>
 *   <li>{@code abfss://lake@acme.dfs.core.windows.net/gold/orders}, and with {@code abfs}
 *   <li>{@code wasbs://lake@acme.blob.core.windows.net/gold/orders}, and with {@code wasb}
 *   <li>{@code https://acme.dfs.core.windows.net/lake/gold/orders}, and with {@code blob}
 * </ul>
 *
 * <p>In OneLake, the workspace and the item are given by their names or their ids: {@code
 * abfss://Sales@onelake.dfs.fabric.microsoft.com/Shop.Lakehouse/Tables/orders}. Whatever the
 * scheme, requests are encrypted, unless you name an endpoint that is not.
 *
 * <pre>{@code
 * TokenCredential credential = new DefaultAzureCredentialBuilder().build();
 * String uri = "abfss://lake@acme.dfs.core.windows.net/gold/orders";
 * var source = DeltaTableSource.builder(uri).storage(AzureLakeStorage.of(credential)).build();
 * }</pre>
 */
public final class AzureLakeStorage implements LakeStorage {
  private final Builder settings;
  private final RequestCounter counter = new RequestCounter();
  private final Map<String, BlobAccount> accounts = new ConcurrentHashMap<>();

  private AzureLakeStorage(Builder settings) {
    this.settings = settings;
  }

  /** One pool of connections for the whole process. */
  private static final class SharedHttpClient {
    static final HttpClient CLIENT = HttpClient.createDefault();
  }

  /**
   * With an identity of Entra ID: the same that writes to Azure Cosmos DB. It needs the role
   * Storage Blob Data Reader, or a role in the workspace of OneLake.
   *
   * @param credential gives tokens; it stays yours
   * @return the storage
   */
  public static AzureLakeStorage of(TokenCredential credential) {
    return builder().credential(credential).build();
  }

  /**
   * With the key of one account.
   *
   * @param account the account's name
   * @param key one of its two keys; never shown
   * @return the storage, which reads that account only
   */
  public static AzureLakeStorage withAccountKey(String account, String key) {
    return builder().accountKey(account, key).build();
  }

  /**
   * With a shared access signature, which needs the permissions to read and to list.
   *
   * @param account the name of the account that it is for
   * @param signature the signature, with or without the question mark; never shown
   * @return the storage, which reads that account only
   */
  public static AzureLakeStorage withSas(String account, String signature) {
    return builder().sas(account, signature).build();
  }

  /**
   * Settings for a storage.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public String resolve(String uri) {
    return parse(uri).toString();
  }

  @Override
  public Iterator<StoredFile> listFrom(String path) throws IOException {
    AzurePath from = parse(path);
    return account(from).listFrom(from);
  }

  @Override
  public StoredFile find(String path) throws IOException {
    AzurePath file = parse(path);
    if (file.path().isEmpty()) {
      throw new java.io.FileNotFoundException("A container is no file.");
    }
    return account(file).find(file);
  }

  @Override
  public StoredRange read(String path, long offset, int length, @Nullable String state)
      throws IOException {
    AzurePath file = parse(path);
    return account(file).read(file, offset, length, state);
  }

  /**
   * What it has sent so far, for all tables together.
   *
   * @return the counts
   */
  public RequestStatistics requests() {
    return counter.statistics();
  }

  private AzurePath parse(String uri) {
    AzurePath path = AzurePath.parse(uri, settings.endpoints);
    String only = settings.account;
    if (only != null && !only.equals(path.account())) {
      throw new IllegalArgumentException(
          "The credential is for the account \""
              + only
              + "\", but the table is in \""
              + path.account()
              + "\". Give the storage the credential of that account.");
    }
    return path;
  }

  private BlobAccount account(AzurePath path) {
    String endpoint = settings.endpoints.getOrDefault(path.account(), path.blobEndpoint());
    return accounts.computeIfAbsent(endpoint, this::connect);
  }

  private BlobAccount connect(String endpoint) {
    BlobServiceClientBuilder client =
        new BlobServiceClientBuilder().endpoint(endpoint).retryOptions(settings.retryOptions);
    settings.client.accept(client);
    settings.authenticate.accept(client);
    client.addPolicy(counter.ofCalls()).addPolicy(new RetryAfter()).addPolicy(counter.ofTries());
    return new BlobAccount(client.buildClient());
  }

  /** Without credentials. */
  @Override
  public String toString() {
    return "AzureLakeStorage" + accounts.keySet();
  }

  /** Settings for an {@link AzureLakeStorage}. Not thread-safe. */
  public static final class Builder {
    private static final int MAX_RETRIES = 5;

    private Map<String, String> endpoints = new LinkedHashMap<>();
    private @Nullable String account;
    private Consumer<BlobServiceClientBuilder> authenticate = client -> {};
    private boolean authenticates;
    private Consumer<BlobServiceClientBuilder> client =
        builder -> builder.httpClient(SharedHttpClient.CLIENT);
    private RetryOptions retryOptions =
        new RetryOptions(
            new ExponentialBackoffOptions()
                .setMaxRetries(MAX_RETRIES)
                .setBaseDelay(Duration.ofMillis(500))
                .setMaxDelay(Duration.ofSeconds(20)));

    private Builder() {}

    private void authenticateWith(
        @Nullable String onlyAccount, Consumer<BlobServiceClientBuilder> how) {
      if (authenticates) {
        throw new IllegalArgumentException(
            "There is a credential already: a token credential, an account key or a shared access"
                + " signature.");
      }
      authenticates = true;
      account = onlyAccount;
      authenticate = how;
    }

    /**
     * An identity of Entra ID. Tokens are sent over encrypted connections only.
     *
     * @param credential gives tokens; it stays yours
     * @return this builder
     * @throws IllegalArgumentException if there is a credential already
     */
    public Builder credential(TokenCredential credential) {
      Objects.requireNonNull(credential, "credential");
      authenticateWith(null, builder -> builder.credential(credential));
      return this;
    }

    /**
     * The key of an account.
     *
     * @param name the account's name
     * @param key one of its two keys
     * @return this builder
     * @throws IllegalArgumentException if there is a credential already
     */
    public Builder accountKey(String name, String key) {
      StorageSharedKeyCredential credential = new StorageSharedKeyCredential(name, key);
      authenticateWith(name, builder -> builder.credential(credential));
      return this;
    }

    /**
     * A shared access signature of an account, a container or a folder.
     *
     * @param name the account's name
     * @param signature the signature, with or without the question mark
     * @return this builder
     * @throws IllegalArgumentException if there is a credential already
     */
    public Builder sas(String name, String signature) {
      AzureSasCredential credential =
          new AzureSasCredential(signature.startsWith("?") ? signature.substring(1) : signature);
      authenticateWith(
          Objects.requireNonNull(name, "name"), builder -> builder.credential(credential));
      return this;
    }

    /**
     * Where the Blob service of an account is, if it is not at {@code
     * https://ACCOUNT.blob.core.windows.net}: an emulator, or a private endpoint without the
     * private DNS zone. Tables are still named by the account.
     *
     * @param name the account's name
     * @param url the endpoint, such as {@code https://10.1.2.3} or, for an emulator, {@code
     *     http://127.0.0.1:10000/devstoreaccount1}; default: where Azure says
     * @return this builder
     * @throws IllegalArgumentException if it is no URL of an endpoint
     */
    public Builder endpoint(String name, String url) {
      URI uri = URI.create(url);
      String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
      if (uri.getHost() == null
          || uri.getQuery() != null
          || !(scheme.equals("https") || scheme.equals("http"))) {
        throw new IllegalArgumentException(
            "An endpoint is written as https://HOST or https://HOST/PATH, without a query.");
      }
      endpoints.put(name, url.endsWith("/") ? url.substring(0, url.length() - 1) : url);
      return this;
    }

    /**
     * How requests are tried again: after a status of 408, 429 or 5xx, after no answer, and no
     * sooner than a {@code Retry-After} says, up to 30 s.
     *
     * @param options the policy; default: 5 retries, after 0.5 s to 20 s
     * @return this builder
     */
    public Builder retryOptions(RetryOptions options) {
      retryOptions = Objects.requireNonNull(options, "options");
      return this;
    }

    /**
     * Everything else that the Azure client offers: an {@code HttpClient} of your own, with a proxy
     * or with time limits, the service's version, logging. Called once for each account. Not for
     * credentials, endpoint and retries, which are set here.
     *
     * @param action changes the settings of a client; default: none, so that all storages of the
     *     process share one HTTP client
     * @return this builder
     */
    public Builder client(Consumer<BlobServiceClientBuilder> action) {
      Objects.requireNonNull(action, "action");
      client = builder -> action.accept(builder.httpClient(SharedHttpClient.CLIENT));
      return this;
    }

    /**
     * Makes the storage. Asks nobody.
     *
     * @return the storage
     * @throws IllegalArgumentException if there is no credential
     */
    public AzureLakeStorage build() {
      if (!authenticates) {
        throw new IllegalArgumentException(
            "A credential is missing: credential, accountKey or sas.");
      }
      Builder copy = new Builder();
      copy.endpoints = Map.copyOf(endpoints);
      copy.account = account;
      copy.authenticate = authenticate;
      copy.client = client;
      copy.retryOptions = retryOptions;
      return new AzureLakeStorage(copy);
    }
  }
}
