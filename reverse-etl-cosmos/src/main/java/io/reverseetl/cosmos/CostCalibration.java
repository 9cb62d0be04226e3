package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosAsyncDatabase;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.models.CosmosContainerProperties;
import com.azure.cosmos.models.CosmosItemRequestOptions;
import io.reverseetl.document.Document;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.WriteException;
import java.util.Collection;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * What writing a sample of documents cost. The same operation on the same data always costs the
 * same, so a few hundred documents tell what millions will cost.
 *
 * @param documents how many were written
 * @param insertCost the mean cost of an insert, in request units
 * @param replaceCost the mean cost of an upsert over a document, in request units
 */
public record CostCalibration(int documents, double insertCost, double replaceCost) {

  /**
   * Makes a scratch container beside a container, with its indexing policy, partition key and
   * unique keys; writes each document there twice; and deletes the scratch container.
   *
   * @param like the container that the documents are meant for; nothing is written to it
   * @param sample the documents, at least one
   * @return what they cost
   * @throws IllegalArgumentException if there is no document
   * @throws ConfigurationException if the credentials do not allow to make a container, which
   *     data-plane roles never do
   * @throws WriteException if the service does not answer, or refuses a document
   */
  public static CostCalibration measure(CosmosAsyncContainer like, Collection<Document> sample) {
    if (sample.isEmpty()) {
      throw new IllegalArgumentException("A sample has at least one document.");
    }
    CosmosAsyncDatabase database = like.getDatabase();
    CosmosContainerProperties seen =
        new ContainerReader(like).ask(like.read(), WriteException::new).getProperties();
    String name = "reverse-etl-calibration-" + UUID.randomUUID();
    CosmosContainerProperties properties =
        new CosmosContainerProperties(name, seen.getPartitionKeyDefinition())
            .setIndexingPolicy(seen.getIndexingPolicy());
    if (seen.getUniqueKeyPolicy() != null) {
      properties.setUniqueKeyPolicy(seen.getUniqueKeyPolicy());
    }
    try {
      wait(database.createContainer(properties));
    } catch (CosmosException e) {
      throw translate("make a scratch container in database \"" + database.getId() + "\"", e);
    }
    CosmosAsyncContainer scratch = database.getContainer(name);
    @Nullable Throwable failure = null;
    try {
      return measureIn(scratch, sample);
    } catch (RuntimeException | Error e) {
      failure = e;
      throw e;
    } finally {
      delete(scratch, failure);
    }
  }

  private static CostCalibration measureIn(
      CosmosAsyncContainer scratch, Collection<Document> sample) {
    try {
      double inserts = 0;
      double replaces = 0;
      for (Document document : sample) {
        inserts += write(scratch, document);
      }
      for (Document document : sample) {
        replaces += write(scratch, document);
      }
      return new CostCalibration(sample.size(), inserts / sample.size(), replaces / sample.size());
    } catch (CosmosException e) {
      throw translate("write a sample to scratch container \"" + scratch.getId() + "\"", e);
    }
  }

  private static double write(CosmosAsyncContainer scratch, Document document) {
    return wait(scratch.upsertItem(
            document.json(),
            PartitionKeys.of(document.key()),
            new CosmosItemRequestOptions().setContentResponseOnWriteEnabled(false)))
        .getRequestCharge();
  }

  private static void delete(CosmosAsyncContainer scratch, @Nullable Throwable failure) {
    // Whoever was interrupted leaves no container behind either.
    boolean interrupted = Thread.interrupted();
    try {
      wait(scratch.delete());
    } catch (CosmosException e) {
      RuntimeException left =
          translate("delete scratch container \"" + scratch.getId() + "\", which stays,", e);
      if (failure == null) {
        throw left;
      }
      failure.addSuppressed(left);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static RuntimeException translate(String what, CosmosException e) {
    String message =
        "Cannot " + what + " (" + e.getStatusCode() + "/" + e.getSubStatusCode() + "). ";
    if (e.getStatusCode() == 401 || e.getStatusCode() == 403) {
      return new ConfigurationException(
          message
              + "Data-plane roles may not make containers: use the account's key, or leave the"
              + " calibration out, and a model is used.",
          e);
    }
    return new WriteException(
        message + "See to the service's health, and run again.", e.getStatusCode(), e);
  }

  private static <T> T wait(Mono<T> answer) {
    return Calls.wait(
        answer, e -> new WriteException("A calibration was not waited for. Run again.", e));
  }
}
