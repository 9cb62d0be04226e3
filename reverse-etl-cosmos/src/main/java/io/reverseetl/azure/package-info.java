/** Tables in Azure storage: ADLS Gen2, Blob storage, OneLake. Needs {@code azure-storage-blob}. */
@NullMarked
package io.reverseetl.azure;

import org.jspecify.annotations.NullMarked;
