package io.reverseetl;

/**
 * How unevenly the sampled documents are spread over the values of the partition key, or of its
 * first levels.
 *
 * @param levels how many levels of the key were looked at, 1 to 3
 * @param distinctValues how many different values the sample has; a lower bound for the table
 * @param hottestShare which part of the sample has the most frequent value, 0 to 1. In a small
 *     sample no value may be more frequent than one document by chance, so this is at least 1
 *     divided by the number of documents
 */
public record KeySkew(int levels, long distinctValues, double hottestShare) {}
