package io.reverseetl.functions;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.StringValue;
import com.google.protobuf.Timestamp;
import com.microsoft.durabletask.OrchestrationRunner;
import com.microsoft.durabletask.OrchestratorFunction;
import com.microsoft.durabletask.implementation.protobuf.OrchestratorService.CompleteOrchestrationAction;
import com.microsoft.durabletask.implementation.protobuf.OrchestratorService.ExecutionStartedEvent;
import com.microsoft.durabletask.implementation.protobuf.OrchestratorService.HistoryEvent;
import com.microsoft.durabletask.implementation.protobuf.OrchestratorService.OrchestrationInstance;
import com.microsoft.durabletask.implementation.protobuf.OrchestratorService.OrchestrationStatus;
import com.microsoft.durabletask.implementation.protobuf.OrchestratorService.OrchestratorAction;
import com.microsoft.durabletask.implementation.protobuf.OrchestratorService.OrchestratorRequest;
import com.microsoft.durabletask.implementation.protobuf.OrchestratorService.OrchestratorResponse;
import com.microsoft.durabletask.implementation.protobuf.OrchestratorService.OrchestratorStartedEvent;
import com.microsoft.durabletask.implementation.protobuf.OrchestratorService.TaskCompletedEvent;
import com.microsoft.durabletask.implementation.protobuf.OrchestratorService.TaskFailedEvent;
import com.microsoft.durabletask.implementation.protobuf.OrchestratorService.TaskFailureDetails;
import com.microsoft.durabletask.implementation.protobuf.OrchestratorService.TaskScheduledEvent;
import com.microsoft.durabletask.implementation.protobuf.OrchestratorService.TimerCreatedEvent;
import com.microsoft.durabletask.implementation.protobuf.OrchestratorService.TimerFiredEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Does what the host of Durable Functions does: keeps the history of one orchestration, has the
 * vendor's own engine replay the orchestrator over it, and runs the activities that it asks for.
 * Each turn brings the answer of one activity, in an order of the seed. Timers are never waited
 * for.
 */
final class DurableHost {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A function with an activity trigger, as the host calls it. */
  interface Activity {
    String run(String input) throws Exception;
  }

  /** How an orchestration ended. */
  record End(OrchestrationStatus status, String output) {}

  private final OrchestratorFunction<String> orchestrator;
  private final Random random;
  private final Map<String, Activity> activities = new HashMap<>();
  private final List<HistoryEvent> history = new ArrayList<>();
  private final List<String> runs = new ArrayList<>();
  private long seconds = 1_700_000_000;
  private int timers;
  private boolean qualifiedNames = true;

  DurableHost(OrchestratorFunction<String> orchestrator, long seed) {
    this.orchestrator = orchestrator;
    this.random = new Random(seed);
  }

  DurableHost activity(String name, Activity activity) {
    activities.put(name, activity);
    return this;
  }

  /**
   * Whether failures are told by the class's whole name, or without its package as by some hosts.
   */
  DurableHost qualifiedNames(boolean whole) {
    qualifiedNames = whole;
    return this;
  }

  /** How often an activity was run. */
  long runs(String name) {
    return runs.stream().filter(name::equals).count();
  }

  /** How many pauses between attempts there were. */
  int timers() {
    return timers;
  }

  End run(String name, String input) throws Exception {
    List<HistoryEvent> arriving = new ArrayList<>();
    HistoryEvent next =
        HistoryEvent.newBuilder()
            .setEventId(-1)
            .setExecutionStarted(
                ExecutionStartedEvent.newBuilder()
                    .setName(name)
                    .setInput(text(input))
                    .setOrchestrationInstance(
                        OrchestrationInstance.newBuilder().setInstanceId("tested")))
            .build();
    for (; ; ) {
      for (OrchestratorAction action : turn(next)) {
        switch (action.getOrchestratorActionTypeCase()) {
          case SCHEDULETASK -> {
            history.add(
                HistoryEvent.newBuilder()
                    .setEventId(action.getId())
                    .setTaskScheduled(
                        TaskScheduledEvent.newBuilder().setName(action.getScheduleTask().getName()))
                    .build());
            arriving.add(answer(action));
          }
          case CREATETIMER -> {
            Timestamp fireAt = action.getCreateTimer().getFireAt();
            history.add(
                HistoryEvent.newBuilder()
                    .setEventId(action.getId())
                    .setTimerCreated(TimerCreatedEvent.newBuilder().setFireAt(fireAt))
                    .build());
            // A host is a little late; to one that is not, the engine sets the timer again.
            seconds = Math.max(seconds, fireAt.getSeconds() + 1);
            timers++;
            arriving.add(
                HistoryEvent.newBuilder()
                    .setEventId(-1)
                    .setTimerFired(
                        TimerFiredEvent.newBuilder().setTimerId(action.getId()).setFireAt(fireAt))
                    .build());
          }
          case COMPLETEORCHESTRATION -> {
            return end(action.getCompleteOrchestration());
          }
          default -> throw new AssertionError("The host does not know " + action);
        }
      }
      if (arriving.isEmpty()) {
        throw new AssertionError("The orchestrator waits for nothing.");
      }
      next = arriving.remove(random.nextInt(arriving.size()));
    }
  }

  /** Replays the orchestrator over all that has happened, and one thing more. */
  private List<OrchestratorAction> turn(HistoryEvent next) throws InvalidProtocolBufferException {
    HistoryEvent begin =
        HistoryEvent.newBuilder()
            .setEventId(-1)
            .setTimestamp(Timestamp.newBuilder().setSeconds(seconds))
            .setOrchestratorStarted(OrchestratorStartedEvent.getDefaultInstance())
            .build();
    OrchestratorRequest request =
        OrchestratorRequest.newBuilder()
            .setInstanceId("tested")
            .addAllPastEvents(history)
            .addNewEvents(begin)
            .addNewEvents(next)
            .build();
    history.add(begin);
    history.add(next);
    return OrchestratorResponse.parseFrom(
            OrchestrationRunner.loadAndRun(request.toByteArray(), orchestrator))
        .getActionsList();
  }

  private HistoryEvent answer(OrchestratorAction action) throws JsonProcessingException {
    String name = action.getScheduleTask().getName();
    String input = JSON.readValue(action.getScheduleTask().getInput().getValue(), String.class);
    runs.add(name);
    HistoryEvent.Builder answer = HistoryEvent.newBuilder().setEventId(-1);
    try {
      answer.setTaskCompleted(
          TaskCompletedEvent.newBuilder()
              .setTaskScheduledId(action.getId())
              .setResult(text(activities.get(name).run(input))));
    } catch (Exception e) {
      answer.setTaskFailed(
          TaskFailedEvent.newBuilder()
              .setTaskScheduledId(action.getId())
              .setFailureDetails(
                  TaskFailureDetails.newBuilder()
                      .setErrorType(
                          qualifiedNames ? e.getClass().getName() : e.getClass().getSimpleName())
                      .setErrorMessage(String.valueOf(e.getMessage()))));
    }
    return answer.build();
  }

  private static End end(CompleteOrchestrationAction action) throws JsonProcessingException {
    return new End(
        action.getOrchestrationStatus(),
        action.hasResult()
            ? JSON.readValue(action.getResult().getValue(), String.class)
            : action.getFailureDetails().getErrorMessage());
  }

  private static StringValue text(String text) throws JsonProcessingException {
    return StringValue.of(JSON.writeValueAsString(text));
  }
}
