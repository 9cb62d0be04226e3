/**
 * A Cosmos DB stand-in that speaks the wire protocol inside the JVM, for tests and demonstrations.
 *
 * <p>It knows neither the library under test nor the Azure client: only the JDK and Jackson. What
 * it computes itself, such as partition key hashes, is therefore an independent check of both.
 */
package io.reverseetl.cosmos.emulator;
