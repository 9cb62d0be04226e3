package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.models.CosmosBulkExecutionOptions;
import com.azure.cosmos.models.CosmosBulkItemResponse;
import com.azure.cosmos.models.CosmosBulkOperationResponse;
import com.azure.cosmos.models.CosmosItemOperation;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Sinks;

/**
 * One call of the client's bulk executor. The executor keeps a partly filled batch for a second as
 * long as more operations may come, and sends it at once when the run is completed.
 */
final class BulkRun implements Run {
  private final RunListener listener;
  private final Disposable subscription;
  private volatile boolean ended;

  // Unsafe means that we see to it that emissions do not overlap.
  private final Sinks.Many<CosmosItemOperation> operations =
      Sinks.unsafe().many().unicast().onBackpressureBuffer();

  BulkRun(
      CosmosAsyncContainer container, CosmosBulkExecutionOptions options, RunListener listener) {
    this.listener = listener;
    this.subscription =
        container
            .<InFlight>executeBulkOperations(operations.asFlux(), options)
            .subscribe(this::answered, this::ended, () -> ended(null));
  }

  @Override
  public boolean emit(InFlight inFlight) {
    return !ended && operations.tryEmitNext(RequestSender.bulk(inFlight)).isSuccess();
  }

  @Override
  public void complete() {
    operations.tryEmitComplete();
  }

  @Override
  public void cancel() {
    ended = true;
    subscription.dispose();
  }

  private void ended(@Nullable Throwable error) {
    ended = true;
    listener.ended(this, error);
  }

  private void answered(CosmosBulkOperationResponse<InFlight> response) {
    InFlight inFlight = response.getBatchContext();
    CosmosBulkItemResponse answer = response.getResponse();
    Exception error = response.getException();
    if (answer != null && answer.isSuccessStatusCode()) {
      listener.succeeded(this, inFlight, answer.getRequestCharge(), null);
    } else if (error != null) {
      listener.failed(this, inFlight, Answer.of(Answer.Scope.BATCH, error));
    } else {
      listener.failed(this, inFlight, answer == null ? Answer.none() : Answer.of(answer));
    }
  }
}
