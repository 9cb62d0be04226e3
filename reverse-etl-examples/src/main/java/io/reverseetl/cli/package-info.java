/** The command line: drives the SDK's public API and nothing else. */
@NullMarked
package io.reverseetl.cli;

import org.jspecify.annotations.NullMarked;
