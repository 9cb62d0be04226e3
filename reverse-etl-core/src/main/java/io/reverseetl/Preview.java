package io.reverseetl;

import io.reverseetl.document.Document;
import java.util.List;

/**
 * The first documents as a load would write them. It holds row values.
 *
 * @param version the commit version
 * @param rowsRead how many rows were mapped
 * @param documents the documents
 * @param problems why rows could not be mapped, one message each
 */
public record Preview(
    long version, long rowsRead, List<Document> documents, List<String> problems) {

  /** Copies. */
  public Preview {
    documents = List.copyOf(documents);
    problems = List.copyOf(problems);
  }
}
