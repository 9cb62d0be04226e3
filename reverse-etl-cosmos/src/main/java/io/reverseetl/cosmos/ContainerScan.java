package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.models.CosmosQueryRequestOptions;
import com.azure.cosmos.models.FeedResponse;
import com.azure.cosmos.models.SqlQuerySpec;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.ReadBudget;
import io.reverseetl.exceptions.WriteException;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;

/** Reads every document of a container, page by page. */
final class ContainerScan {
  private static final SqlQuerySpec ALL = new SqlQuerySpec("SELECT * FROM c");
  private static final int PAGE_DOCUMENTS = 1_000;
  private static final List<String> ADDED_BY_THE_SERVICE =
      List.of("_rid", "_self", "_etag", "_ts", "_attachments", "_lsn");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A thousand documents of a kilobyte cost about as much; later pages go by the one before. */
  private static final double FIRST_PAGE_REQUEST_UNITS = 50;

  private static final ReadBudget UNBOUNDED =
      new ReadBudget() {
        @Override
        public void acquire(double requestUnits) {}

        @Override
        public void settle(double difference) {}
      };

  private final CosmosAsyncContainer container;
  private final String name;
  private final List<List<String>> keyPaths;
  private final SqlQuerySpec query;

  ContainerScan(CosmosAsyncContainer container, String name, List<String> partitionKeyPaths) {
    this(container, name, partitionKeyPaths, ALL);
  }

  /** Of the documents that a query gives, whole. */
  ContainerScan(
      CosmosAsyncContainer container,
      String name,
      List<String> partitionKeyPaths,
      SqlQuerySpec query) {
    this.query = query;
    this.container = container;
    this.name = name;
    this.keyPaths =
        partitionKeyPaths.stream().map(path -> List.of(path.substring(1).split("/", -1))).toList();
  }

  /** Gives each document to the calling thread's consumer. One page is read ahead. */
  void each(Consumer<? super Document> consumer) {
    eachWhile(
        document -> {
          consumer.accept(document);
          return true;
        });
  }

  /** As {@link #each}, until the consumer says no. */
  void eachWhile(Predicate<? super Document> consumer) {
    try {
      eachWhile(UNBOUNDED, consumer);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WriteException(
          "The thread was interrupted while container " + name + " was read through. Run again.",
          e);
    }
  }

  /**
   * As {@link #eachWhile(Predicate)}, with each page taken from a budget before it is asked for.
   */
  void eachWhile(ReadBudget budget, Predicate<? super Document> consumer)
      throws InterruptedException {
    double asked = FIRST_PAGE_REQUEST_UNITS;
    budget.acquire(asked);
    try {
      Iterator<FeedResponse<ObjectNode>> pages =
          container
              .queryItems(query, new CosmosQueryRequestOptions(), ObjectNode.class)
              .byPage(PAGE_DOCUMENTS)
              .toIterable(1)
              .iterator();
      double learned = asked;
      while (hasNext(pages)) {
        // With a page taken, the next one is asked for.
        double ahead = learned;
        budget.acquire(ahead);
        FeedResponse<ObjectNode> page = pages.next();
        learned = page.getRequestCharge();
        budget.settle(learned - asked);
        asked = ahead;
        for (ObjectNode item : page.getResults()) {
          if (!consumer.test(document(item))) {
            return;
          }
        }
      }
      budget.settle(-asked);
    } catch (CosmosException e) {
      throw new WriteException(
          "Container "
              + name
              + " cannot be read through ("
              + e.getStatusCode()
              + "/"
              + e.getSubStatusCode()
              + "). See to the service's health, and run again. Activity id "
              + e.getActivityId()
              + ".",
          e.getStatusCode(),
          e);
    }
  }

  /** Waits for the next page. */
  private static boolean hasNext(Iterator<?> pages) throws InterruptedException {
    try {
      return pages.hasNext();
    } catch (RuntimeException e) {
      if (Exceptions.unwrap(e) instanceof InterruptedException interrupt) {
        Thread.interrupted(); // It is thrown now.
        throw interrupt;
      }
      throw e;
    }
  }

  private Document document(ObjectNode item) {
    @Nullable Object[] levels = new Object[keyPaths.size()];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = level(item, keyPaths.get(i));
    }
    DocumentKey key = DocumentKey.of(item.path("id").asText(), levels);
    item.remove(ADDED_BY_THE_SERVICE);
    try {
      return Document.ofConsistentJson(key, JSON.writeValueAsBytes(item));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("What was JSON is JSON.", e);
    }
  }

  private static @Nullable Object level(JsonNode item, List<String> path) {
    JsonNode value = item;
    for (String property : path) {
      value = value.path(property);
    }
    if (value.isNull()) {
      return null;
    } else if (value.isTextual()) {
      return value.textValue();
    } else if (value.isBoolean()) {
      return value.booleanValue();
    } else if (value.isNumber()) {
      return value.doubleValue();
    }
    return DocumentKey.ABSENT;
  }
}
