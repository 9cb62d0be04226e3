package io.reverseetl.cosmos.emulator;

import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The documents of one partition key range, their order of writes and their budget.
 *
 * <p>Every method but the accessors of final fields needs {@link #lock} to be held.
 */
final class PartitionRange {
  private static final int COMPACT_FROM = 1_024;

  final ReentrantLock lock = new ReentrantLock();
  private final String id;
  private final List<String> parents;
  private final byte[] minimum;
  private final byte[] maximum;
  private final Map<Slot.Address, Slot> byAddress = new HashMap<>();
  private final Map<UniqueEntry, Slot> unique = new HashMap<>();
  private final ChangeLog changes = new ChangeLog();
  private final ThroughputBudget budget;
  private List<Slot> inOrder = new ArrayList<>();
  private long lsn;
  private boolean retired;
  private Deque<Undo> undo;
  private long undoLsn;
  private int undoChanges;

  PartitionRange(
      String id, List<String> parents, byte[] minimum, byte[] maximum, InstantSource clock) {
    this.id = id;
    this.parents = List.copyOf(parents);
    this.minimum = minimum;
    this.maximum = maximum;
    this.budget = new ThroughputBudget(id, clock);
  }

  String id() {
    return id;
  }

  List<String> parents() {
    return parents;
  }

  byte[] minimum() {
    return minimum;
  }

  byte[] maximum() {
    return maximum;
  }

  boolean contains(byte[] effectiveKey) {
    return Arrays.compareUnsigned(effectiveKey, minimum) >= 0
        && Arrays.compareUnsigned(effectiveKey, maximum) < 0;
  }

  ThroughputBudget budget() {
    return budget;
  }

  ChangeLog changes() {
    return changes;
  }

  /** Whether a split has put other ranges in this one's place. */
  boolean isRetired() {
    return retired;
  }

  long lsn() {
    return lsn;
  }

  String sessionToken() {
    return id + ":0#" + lsn;
  }

  /** Slots by document number, deleted ones among them. */
  List<Slot> inOrder() {
    return inOrder;
  }

  /** Number of stored documents, expired ones included until they are looked at. */
  int size() {
    return byAddress.size();
  }

  Slot find(Slot.Address address) {
    return byAddress.get(address);
  }

  /** Refuses a version whose unique values another document of the same logical partition has. */
  void checkUnique(Slot.Address address, String[] values) {
    if (values == null) {
      return;
    }
    for (int i = 0; i < values.length; i++) {
      Slot owner = unique.get(new UniqueEntry(address.key(), i, values[i]));
      if (owner != null && !owner.address.equals(address)) {
        throw CosmosError.conflict("Unique index constraint violation.");
      }
    }
  }

  long nextLsn() {
    return ++lsn;
  }

  /** Replays the position of a write that was made before a restart. */
  void restoreLsn(long restored) {
    lsn = Math.max(lsn, restored);
  }

  /** Puts a slot's first version in place. */
  void add(Slot slot, Slot.Version version) {
    byAddress.put(slot.address, slot);
    inOrder.add(slot);
    write(slot, version);
  }

  /** Puts a new version in place; its lsn must be the latest. */
  void write(Slot slot, Slot.Version version) {
    if (undo != null) {
      undo.push(new Undo(slot, slot.version));
    }
    changeUnique(slot, slot.version, version);
    slot.version = version;
    changes.append(version.lsn(), slot);
    compact();
  }

  /** Deletes a document. */
  void remove(Slot slot) {
    if (undo != null) {
      undo.push(new Undo(slot, slot.version));
    }
    changeUnique(slot, slot.version, null);
    slot.version = null;
    byAddress.remove(slot.address);
    compact();
  }

  private void changeUnique(Slot slot, Slot.Version from, Slot.Version to) {
    if (from != null && from.uniqueValues() != null) {
      for (int i = 0; i < from.uniqueValues().length; i++) {
        unique.remove(new UniqueEntry(slot.address.key(), i, from.uniqueValues()[i]));
      }
    }
    if (to != null && to.uniqueValues() != null) {
      for (int i = 0; i < to.uniqueValues().length; i++) {
        unique.put(new UniqueEntry(slot.address.key(), i, to.uniqueValues()[i]), slot);
      }
    }
  }

  private void compact() {
    if (undo != null) {
      return;
    }
    changes.compact(byAddress.size());
    if (inOrder.size() > COMPACT_FROM && inOrder.size() > 2 * byAddress.size()) {
      List<Slot> kept = new ArrayList<>(byAddress.size());
      for (Slot slot : inOrder) {
        if (slot.version != null) {
          kept.add(slot);
        }
      }
      inOrder = kept;
    }
  }

  /** From here on every write can be taken back, until {@link #commit} or {@link #rollBack}. */
  void begin() {
    undo = new ArrayDeque<>();
    undoLsn = lsn;
    undoChanges = changes.size();
  }

  void commit() {
    undo = null;
    compact();
  }

  void rollBack() {
    Deque<Undo> steps = undo;
    undo = null;
    changes.truncate(undoChanges);
    lsn = undoLsn;
    for (Undo step : steps) {
      Slot slot = step.slot;
      changeUnique(slot, slot.version, step.before);
      slot.version = step.before;
      if (step.before == null) {
        byAddress.remove(slot.address, slot);
      } else {
        byAddress.put(slot.address, slot);
      }
    }
  }

  /** Moves everything into the two halves and retires this range. */
  void splitInto(PartitionRange left, PartitionRange right) {
    for (PartitionRange child : List.of(left, right)) {
      child.lsn = lsn;
      for (Slot slot : inOrder) {
        if (slot.version != null && child.contains(slot.effectiveKey)) {
          child.inOrder.add(slot);
          child.byAddress.put(slot.address, slot);
          child.changeUnique(slot, null, slot.version);
        }
      }
      for (int i = 0; i < changes.size(); i++) {
        if (changes.liveVersion(i) != null && child.contains(changes.slot(i).effectiveKey)) {
          child.changes.append(changes.lsn(i), changes.slot(i));
        }
      }
    }
    retired = true;
    byAddress.clear();
    unique.clear();
    inOrder = List.of();
    changes.truncate(0);
  }

  private record UniqueEntry(PartitionKeyValue key, int constraint, String values) {}

  private record Undo(Slot slot, Slot.Version before) {}
}
