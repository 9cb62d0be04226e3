package io.reverseetl.cosmos.emulator;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What goes wrong, and when. Each {@code on...} method starts a rule; the first rule that fits a
 * request acts on it. Thread-safe: rules may be added and removed while requests are served.
 *
 * <pre>{@code
 * emulator.faults().onBatch().afterApply().times(1).dropConnection(); // a lost response
 * emulator.faults().onBatchedOperation().document("7").times(3).status(429, 3200);
 * }</pre>
 */
public final class Faults {
  private static final Set<EmulatorOperation> BATCHED =
      EnumSet.of(
          EmulatorOperation.CREATE,
          EmulatorOperation.UPSERT,
          EmulatorOperation.READ,
          EmulatorOperation.REPLACE,
          EmulatorOperation.PATCH,
          EmulatorOperation.DELETE);

  private final List<FaultRule> requestRules = new CopyOnWriteArrayList<>();
  private final List<FaultRule> operationRules = new CopyOnWriteArrayList<>();

  Faults() {}

  /** Starts a rule for whole requests of the given kinds; for all requests when none is given. */
  public FaultRule on(EmulatorOperation... operations) {
    Set<EmulatorOperation> kinds =
        operations.length == 0
            ? EnumSet.allOf(EmulatorOperation.class)
            : EnumSet.copyOf(List.of(operations));
    FaultRule rule = new FaultRule(kinds);
    requestRules.add(rule);
    return rule;
  }

  /** Starts a rule for every request. */
  public FaultRule onAnyRequest() {
    return on();
  }

  /** Starts a rule for bulk and transactional batches, each as a whole. */
  public FaultRule onBatch() {
    return on(EmulatorOperation.BULK_BATCH, EmulatorOperation.TRANSACTIONAL_BATCH);
  }

  /** Starts a rule for creates outside of batches. */
  public FaultRule onCreate() {
    return on(EmulatorOperation.CREATE);
  }

  /** Starts a rule for upserts outside of batches. */
  public FaultRule onUpsert() {
    return on(EmulatorOperation.UPSERT);
  }

  /** Starts a rule for replaces outside of batches. */
  public FaultRule onReplace() {
    return on(EmulatorOperation.REPLACE);
  }

  /** Starts a rule for patches outside of batches. */
  public FaultRule onPatch() {
    return on(EmulatorOperation.PATCH);
  }

  /** Starts a rule for deletes outside of batches. */
  public FaultRule onDelete() {
    return on(EmulatorOperation.DELETE);
  }

  /** Starts a rule for point reads. */
  public FaultRule onRead() {
    return on(EmulatorOperation.READ);
  }

  /** Starts a rule for query executions (not for query plans). */
  public FaultRule onQuery() {
    return on(EmulatorOperation.QUERY);
  }

  /** Starts a rule for change feed reads. */
  public FaultRule onChangeFeed() {
    return on(EmulatorOperation.CHANGE_FEED);
  }

  /** Starts a rule for reads of the partition key ranges. */
  public FaultRule onPartitionKeyRanges() {
    return on(EmulatorOperation.READ_PARTITION_KEY_RANGES);
  }

  /** Starts a rule for reads of the account document. */
  public FaultRule onAccount() {
    return on(EmulatorOperation.READ_ACCOUNT);
  }

  /** Starts a rule for every offer request. */
  public FaultRule onOffer() {
    return on(
        EmulatorOperation.QUERY_OFFERS,
        EmulatorOperation.READ_OFFER,
        EmulatorOperation.REPLACE_OFFER);
  }

  /**
   * Starts a rule for single operations inside batches: of the given kinds (create, upsert, read,
   * replace, patch, delete), or all when none is given. Such a rule can set a status and a wait;
   * the connection belongs to the whole request.
   */
  public FaultRule onBatchedOperation(EmulatorOperation... operations) {
    FaultRule rule =
        new FaultRule(operations.length == 0 ? BATCHED : EnumSet.copyOf(List.of(operations)));
    operationRules.add(rule);
    return rule;
  }

  /** Removes every rule and releases what they hold back. */
  public void clear() {
    for (FaultRule rule : requestRules) {
      rule.disable();
    }
    for (FaultRule rule : operationRules) {
      rule.disable();
    }
    requestRules.clear();
    operationRules.clear();
  }

  FaultRule forRequest(EmulatorRequest request) {
    for (FaultRule rule : requestRules) {
      if (rule.claims(request.operation(), request, null)) {
        return rule;
      }
    }
    return null;
  }

  FaultRule forOperation(EmulatorRequest request, ItemOperation operation) {
    for (FaultRule rule : operationRules) {
      String id = operation.document == null ? operation.id : operation.document.id();
      if (rule.claims(
          EmulatorOperation.valueOf(operation.kind.name()), request, String.valueOf(id))) {
        return rule;
      }
    }
    return null;
  }
}
