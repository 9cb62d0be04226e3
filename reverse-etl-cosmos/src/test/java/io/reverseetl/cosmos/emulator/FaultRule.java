package io.reverseetl.cosmos.emulator;

import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * One fault: which requests it hits, how often, before or after they take effect, and what happens.
 *
 * <p>A rule does nothing until an action is set ({@link #status}, {@link #dropConnection}, {@link
 * #resetConnection}, {@link #truncateBody}, {@link #dropLastResult}, {@link #silent}, {@link
 * #delay}, {@link #hold}); set selectors and counts before it when requests are already on their
 * way. Thread-safe.
 */
public final class FaultRule {
  private enum Action {
    NONE,
    STATUS,
    DROP,
    RESET,
    TRUNCATE,
    SHORTEN,
    SILENT
  }

  private final Set<EmulatorOperation> operations;
  private final CountDownLatch released = new CountDownLatch(1);
  private Predicate<EmulatorRequest> filter = request -> true;
  private String container;
  private String document;
  private boolean afterApply;
  private long remaining = Long.MAX_VALUE;
  private long toSkip;
  private double probability = 1;
  private Random random = new Random(0);
  private Action action = Action.NONE;
  private Duration delay = Duration.ZERO;
  private boolean hold;
  private int status;
  private int subStatus;
  private long retryAfterMillis = -1;
  private boolean disabled;
  private long hits;

  FaultRule(Set<EmulatorOperation> operations) {
    this.operations = operations;
  }

  /** The fault strikes before the request changes anything. The default. */
  public synchronized FaultRule beforeApply() {
    afterApply = false;
    return this;
  }

  /** The request takes effect first: the client loses the answer, not the write. */
  public synchronized FaultRule afterApply() {
    afterApply = true;
    return this;
  }

  /** Only requests to the container of that name. */
  public synchronized FaultRule container(String name) {
    container = name;
    return this;
  }

  /** Only requests, or batched operations, that name this document id. */
  public synchronized FaultRule document(String id) {
    document = id;
    return this;
  }

  /** Only requests that the predicate accepts; for batched operations it sees the whole batch. */
  public synchronized FaultRule matching(Predicate<EmulatorRequest> predicate) {
    filter = filter.and(predicate);
    return this;
  }

  /** Strikes at most this often from now on; unlimited unless said. */
  public synchronized FaultRule times(long count) {
    remaining = count;
    return this;
  }

  /** Lets the first n fitting requests pass. */
  public synchronized FaultRule skipFirst(long count) {
    toSkip = count;
    return this;
  }

  /** Strikes only with this probability, drawn from a generator with the given seed. */
  public synchronized FaultRule probability(double fraction, long seed) {
    if (fraction < 0 || fraction > 1) {
      throw new IllegalArgumentException("A probability is between 0 and 1: " + fraction);
    }
    probability = fraction;
    random = new Random(seed);
    return this;
  }

  /** Answers with this status and no sub-status. */
  public FaultRule status(int code) {
    return status(code, 0);
  }

  /** Answers with this status and sub-status. */
  public synchronized FaultRule status(int code, int subCode) {
    status = code;
    subStatus = subCode;
    action = Action.STATUS;
    return this;
  }

  /** Tells the client to wait this long before a retry, with {@link #status}. */
  public synchronized FaultRule retryAfter(Duration wait) {
    retryAfterMillis = wait.toMillis();
    return this;
  }

  /** Closes the connection in good order instead of answering, as a gateway that shuts down. */
  public synchronized FaultRule dropConnection() {
    action = Action.DROP;
    return this;
  }

  /**
   * Resets the connection instead of answering, as a crashed peer or a firewall does. The Azure
   * client takes this for something else than a closed connection.
   */
  public synchronized FaultRule resetConnection() {
    action = Action.RESET;
    return this;
  }

  /** Applies the request, sends half of the answer's body and closes the connection. */
  public synchronized FaultRule truncateBody() {
    action = Action.TRUNCATE;
    afterApply = true;
    return this;
  }

  /** Applies a batch, and answers with one result less than it has operations. */
  public synchronized FaultRule dropLastResult() {
    action = Action.SHORTEN;
    afterApply = true;
    return this;
  }

  /** Never answers; the connection stays open until the client gives up. */
  public synchronized FaultRule silent() {
    action = Action.SILENT;
    return this;
  }

  /** Waits this long, by the wall clock, before anything else happens at the fault's point. */
  public synchronized FaultRule delay(Duration duration) {
    delay = duration;
    return this;
  }

  /** Holds fitting requests back until {@link #release}: a delay without a clock. */
  public synchronized FaultRule hold() {
    hold = true;
    return this;
  }

  /** Lets everything go on that {@link #hold} keeps, now and in future. */
  public FaultRule release() {
    released.countDown();
    return this;
  }

  /** Stops the rule; what it holds back goes on. */
  public void disable() {
    synchronized (this) {
      disabled = true;
    }
    released.countDown();
  }

  /** How often the rule struck. */
  public synchronized long hits() {
    return hits;
  }

  /** Decides whether the rule strikes here, and counts it if so. */
  synchronized boolean claims(
      EmulatorOperation operation, EmulatorRequest request, String operationId) {
    boolean armed = action != Action.NONE || hold || !delay.isZero();
    if (disabled || !armed || remaining <= 0 || !operations.contains(operation)) {
      return false;
    }
    if (container != null && !container.equals(request.container())) {
      return false;
    }
    if (document != null
        && !(operationId == null
            ? request.documentIds().contains(document)
            : document.equals(operationId))) {
      return false;
    }
    if (!filter.test(request)) {
      return false;
    }
    if (toSkip > 0) {
      toSkip--;
      return false;
    }
    if (probability < 1 && random.nextDouble() >= probability) {
      return false;
    }
    remaining--;
    hits++;
    return true;
  }

  synchronized boolean isAfterApply() {
    return afterApply;
  }

  /** Spends the rule's delay on the calling thread. */
  void pause() {
    long millis;
    boolean held;
    synchronized (this) {
      millis = delay.toMillis();
      held = hold;
    }
    try {
      if (millis > 0) {
        // Ends early when the rule is disabled or released.
        released.await(millis, TimeUnit.MILLISECONDS);
      }
      if (held) {
        released.await();
      }
    } catch (InterruptedException e) {
      // The emulator is closing; the connection is cut anyway.
      Thread.currentThread().interrupt();
    }
  }

  /** Returns the answer in place of the given one (null when the request was not applied). */
  synchronized HttpResponse answer(HttpResponse genuine) {
    return switch (action) {
      case STATUS -> HttpResponse.of(error());
      case DROP -> new HttpResponse(0).delivery(HttpResponse.Delivery.DROPPED);
      case RESET -> new HttpResponse(0).delivery(HttpResponse.Delivery.RESET);
      case SILENT -> new HttpResponse(0).delivery(HttpResponse.Delivery.SILENT);
      case SHORTEN -> genuine.withoutLastElement();
      case TRUNCATE -> genuine.delivery(HttpResponse.Delivery.TRUNCATED);
      default -> genuine;
    };
  }

  /** Returns the failure of one batched operation, or null when the rule only delays. */
  synchronized CosmosError error() {
    return action == Action.STATUS
        ? CosmosError.injected(status, subStatus, retryAfterMillis)
        : null;
  }
}
