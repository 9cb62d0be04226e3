package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosItemSerializer;
import com.azure.cosmos.models.CosmosBulkItemRequestOptions;
import com.azure.cosmos.models.CosmosBulkOperations;
import com.azure.cosmos.models.CosmosBulkPatchItemRequestOptions;
import com.azure.cosmos.models.CosmosItemOperation;
import com.azure.cosmos.models.CosmosItemRequestOptions;
import com.azure.cosmos.models.CosmosItemResponse;
import com.azure.cosmos.models.CosmosPatchItemRequestOptions;
import com.azure.cosmos.models.PartitionKey;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.reverseetl.document.DocumentKey;
import reactor.core.publisher.Mono;

/** The client's forms of a request: an entry of a batch, and a call of its own. */
final class RequestSender {
  private RequestSender() {}

  static CosmosItemOperation bulk(InFlight inFlight) {
    Request request = inFlight.request;
    DocumentKey key = inFlight.operation.key();
    PartitionKey partitionKey = PartitionKeys.of(key);
    CosmosBulkItemRequestOptions options =
        new CosmosBulkItemRequestOptions().setIfMatchETag(request.etag());
    return switch (request.kind()) {
      // Raw text goes into the batch as it is, without becoming a tree.
      case CREATE ->
          CosmosBulkOperations.getCreateItemOperation(
              raw(request), partitionKey, options, inFlight);
      case UPSERT ->
          CosmosBulkOperations.getUpsertItemOperation(
              raw(request), partitionKey, options, inFlight);
      case REPLACE ->
          CosmosBulkOperations.getReplaceItemOperation(
              key.id(), raw(request), partitionKey, options, inFlight);
      case DELETE ->
          CosmosBulkOperations.getDeleteItemOperation(key.id(), partitionKey, options, inFlight);
      case PATCH ->
          CosmosBulkOperations.getPatchItemOperation(
              key.id(),
              partitionKey,
              request.steps(),
              new CosmosBulkPatchItemRequestOptions().setFilterPredicate(request.condition()),
              inFlight);
      case READ -> throw new IllegalStateException("Reads go alone.");
    };
  }

  private static RawValue raw(Request request) {
    return new RawValue(request.body().text());
  }

  static Mono<? extends CosmosItemResponse<?>> alone(
      CosmosAsyncContainer container, SinkOptions sink, InFlight inFlight) {
    Request request = inFlight.request;
    DocumentKey key = inFlight.operation.key();
    PartitionKey partitionKey = PartitionKeys.of(key);
    if (request.kind() == Request.Kind.PATCH) {
      CosmosPatchItemRequestOptions options = sink.ranked(new CosmosPatchItemRequestOptions());
      options.setFilterPredicate(request.condition());
      options.setContentResponseOnWriteEnabled(false);
      options.setCustomItemSerializer(CosmosItemSerializer.DEFAULT_SERIALIZER);
      return container.patchItem(
          key.id(), partitionKey, request.steps(), options, ObjectNode.class);
    }
    CosmosItemRequestOptions options = sink.ranked(new CosmosItemRequestOptions());
    options.setContentResponseOnWriteEnabled(false);
    // The client may have a serializer of the user's.
    options.setCustomItemSerializer(CosmosItemSerializer.DEFAULT_SERIALIZER);
    options.setIfMatchETag(request.etag());
    return switch (request.kind()) {
      case CREATE -> container.createItem(request.body().json(), partitionKey, options);
      case UPSERT -> container.upsertItem(request.body().json(), partitionKey, options);
      case REPLACE -> container.replaceItem(request.body().json(), key.id(), partitionKey, options);
      case READ -> container.readItem(key.id(), partitionKey, options, ObjectNode.class);
      default -> container.deleteItem(key.id(), partitionKey, options);
    };
  }
}
