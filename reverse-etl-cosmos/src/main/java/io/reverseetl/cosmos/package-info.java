/** Azure Cosmos DB for NoSQL as the target: documents and checkpoints. */
@NullMarked
package io.reverseetl.cosmos;

import org.jspecify.annotations.NullMarked;
