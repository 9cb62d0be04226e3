/**
 * From the changes of a range to one operation for each document: identities as bytes and hashes,
 * what orders changes, and what does not fit into memory. Knows rows and documents, and no
 * pipeline.
 *
 * <p><b>No API.</b> Its types are public for the packages of this library alone, appear in no
 * public signature, and may change in any version.
 */
@NullMarked
package io.reverseetl.reduce;

import org.jspecify.annotations.NullMarked;
