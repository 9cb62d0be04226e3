package io.reverseetl.document;

/**
 * A place that documents are written to, for example one Cosmos DB container. Thread-safe.
 *
 * <p>Implementations: {@code io.reverseetl.cosmos.CosmosDocumentSink}, and {@code
 * io.reverseetl.testing.InMemoryDocumentSink} for unit tests. A new one extends the contract test
 * {@code DocumentSinkContract} of the core's {@code tests} jar.
 */
public interface DocumentSink extends AutoCloseable {

  /**
   * Looks at the target, so that a wrong one is found before the first write.
   *
   * @return what the target is
   * @throws io.reverseetl.exceptions.ConfigurationException if there is no such target, or the
   *     credentials are refused
   * @throws io.reverseetl.exceptions.WriteException if the target does not answer
   */
  TargetDescription describe();

  /**
   * Starts writing. Several sessions may be open at once, but then nothing orders their writes of
   * one document.
   *
   * @return a session that the caller closes
   * @throws io.reverseetl.exceptions.ConfigurationException if there is no such target, or the
   *     credentials are refused
   * @throws io.reverseetl.exceptions.WriteException if the target does not answer
   */
  WriteSession openSession();

  /** Frees what the sink itself opened, and nothing that it was given. May be called twice. */
  @Override
  void close();
}
