package io.reverseetl.cosmos.emulator;

import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The last requests that the emulator answered. On by default, without bodies, and bounded: the
 * oldest entries go first. Counts are exact whether entries are kept or not. Thread-safe.
 */
public final class CallLog {
  private static final int DEFAULT_CAPACITY = 10_000;
  private static final byte[] NOT_RECORDED = new byte[0];

  private final InstantSource clock;
  private final Deque<RecordedCall> calls = new ArrayDeque<>();
  private final Map<EmulatorOperation, Long> counts = new EnumMap<>(EmulatorOperation.class);
  private int capacity = DEFAULT_CAPACITY;
  private boolean enabled = true;
  private boolean withBodies;
  private long total;

  CallLog(InstantSource clock) {
    this.clock = clock;
  }

  /** Switches the keeping of entries on or off. */
  public synchronized CallLog enabled(boolean on) {
    enabled = on;
    return this;
  }

  /** Switches the keeping of request bodies on or off; off by default because they are large. */
  public synchronized CallLog recordBodies(boolean on) {
    withBodies = on;
    return this;
  }

  /** Keeps at most this many entries; 10,000 unless said. */
  public synchronized CallLog capacity(int entries) {
    capacity = entries;
    trim();
    return this;
  }

  /** The kept entries, oldest first. */
  public synchronized List<RecordedCall> calls() {
    return List.copyOf(calls);
  }

  /** The kept entries of one kind, oldest first. */
  public synchronized List<RecordedCall> calls(EmulatorOperation operation) {
    List<RecordedCall> selected = new ArrayList<>();
    for (RecordedCall call : calls) {
      if (call.operation() == operation) {
        selected.add(call);
      }
    }
    return selected;
  }

  /** How many requests of one kind were answered (or left unanswered by a fault) so far. */
  public synchronized long count(EmulatorOperation operation) {
    return counts.getOrDefault(operation, 0L);
  }

  /** Forgets entries and counts. */
  public synchronized void clear() {
    calls.clear();
    counts.clear();
  }

  synchronized void record(EmulatorRequest request, HttpResponse response) {
    total++;
    counts.merge(request.operation(), 1L, Long::sum);
    if (!enabled) {
      return;
    }
    String subStatus = response.header("x-ms-substatus");
    String charge = response.header("x-ms-request-charge");
    calls.addLast(
        new RecordedCall(
            total,
            clock.instant(),
            request.operation(),
            request.method(),
            request.path(),
            request.headers(),
            withBodies ? request.body() : NOT_RECORDED,
            response.status(),
            subStatus == null ? 0 : Integer.parseInt(subStatus),
            charge == null ? 0 : Double.parseDouble(charge)));
    trim();
  }

  private void trim() {
    while (calls.size() > capacity) {
      calls.removeFirst();
    }
  }
}
