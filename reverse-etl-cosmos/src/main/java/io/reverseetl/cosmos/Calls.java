package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosException;
import com.azure.cosmos.CosmosItemSerializer;
import com.azure.cosmos.models.CosmosItemRequestOptions;
import java.util.Objects;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/** What single calls of the client, which are waited for, have in common. */
final class Calls {
  private Calls() {}

  /** Options of a call that reads or writes a tree, and needs nothing back from a write. */
  static CosmosItemRequestOptions options() {
    // The client may have a serializer of the user's, which does not know trees.
    return new CosmosItemRequestOptions()
        .setContentResponseOnWriteEnabled(false)
        .setCustomItemSerializer(CosmosItemSerializer.DEFAULT_SERIALIZER);
  }

  /**
   * Waits for an answer.
   *
   * @param unanswered makes an exception of what else can happen: the thread was interrupted, or
   *     the client is closed
   * @throws CosmosException the service's answer, if it is a refusal
   */
  static <T> T wait(Mono<T> answer, Function<RuntimeException, RuntimeException> unanswered) {
    try {
      return Objects.requireNonNull(answer.block());
    } catch (CosmosException e) {
      throw e;
    } catch (RuntimeException e) {
      throw unanswered.apply(e);
    }
  }
}
