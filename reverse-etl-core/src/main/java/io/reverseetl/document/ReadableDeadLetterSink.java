package io.reverseetl.document;

import java.util.Collection;
import java.util.function.Consumer;

/**
 * A dead letter sink whose letters can be read back and removed, so that they can be replayed.
 * Thread-safe.
 *
 * <p>Implementations: {@link FileDeadLetterSink}, {@code
 * io.reverseetl.cosmos.CosmosDeadLetterSink}, and {@code
 * io.reverseetl.testing.InMemoryDeadLetterSink} for unit tests. A new one extends the contract test
 * {@code DeadLetterSinkContract} of the core's {@code tests} jar.
 */
public interface ReadableDeadLetterSink extends DeadLetterSink {

  /**
   * Reads the letters of a pipeline that are durable, each once however often it was written. After
   * {@link #flush} these are all that were taken and not removed.
   *
   * @param pipeline the pipeline's name
   * @param each is given each letter with the name that {@link #remove} takes, on the calling
   *     thread and in no order; must not call the sink. An exception that it throws ends the
   *     reading and is thrown on
   * @throws io.reverseetl.exceptions.WriteException if the letters cannot be read
   */
  void read(String pipeline, Consumer<? super StoredDeadLetter> each);

  /**
   * Removes letters. When the call returns they are gone for good; a letter that was not there
   * counts as removed. When it throws, some of them may be gone.
   *
   * @param pipeline the pipeline's name
   * @param ids the names that {@link #read} gave
   * @throws io.reverseetl.exceptions.WriteException if they cannot be removed
   */
  void remove(String pipeline, Collection<String> ids);
}
