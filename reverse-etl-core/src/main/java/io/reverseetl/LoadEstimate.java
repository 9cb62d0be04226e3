package io.reverseetl;

import java.util.List;
import java.util.OptionalLong;

/**
 * What a load would read and write, found from the table's statistics and a sample of its rows.
 * Nothing is written to find it.
 *
 * @param tableUri where the table is, without credentials
 * @param version the commit version
 * @param files how many data files would be read
 * @param fileBytes how large they are in storage
 * @param rows how many rows they hold before any row filter, if the table tells
 * @param sampledRows how many rows were mapped for this estimate
 * @param documents how many documents the load would write; from the table's row count and the
 *     sample's documents per row (a row filter included); empty if the table does not tell its rows
 * @param documentBytes the JSON bytes of all documents, by the sample's mean size; empty like
 *     {@code documents}
 * @param meanDocumentBytes the mean JSON size of the sample's documents, 0 if it had none
 * @param largestDocumentBytes the largest JSON size in the sample, 0 if it had no document
 * @param meanValues how many values, in arrays and nested objects too, the sample's documents have
 *     in the mean; an indexing policy that indexes everything indexes each
 * @param partitionKeySkew how the sample is spread over the partition key: by its first level, by
 *     its first two, and so on; the last entry is the logical partition. Empty if the sample has no
 *     document
 * @param unmappableRows rows of the sample that the mapper refused
 */
public record LoadEstimate(
    String tableUri,
    long version,
    int files,
    long fileBytes,
    OptionalLong rows,
    long sampledRows,
    OptionalLong documents,
    OptionalLong documentBytes,
    double meanDocumentBytes,
    int largestDocumentBytes,
    double meanValues,
    List<KeySkew> partitionKeySkew,
    long unmappableRows) {

  /** Copies. */
  public LoadEstimate {
    partitionKeySkew = List.copyOf(partitionKeySkew);
  }
}
