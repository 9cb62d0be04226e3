/**
 * Fakes for unit tests of code that uses this library. They keep the contracts of the real things,
 * and the library itself never uses them.
 */
@NullMarked
package io.reverseetl.testing;

import org.jspecify.annotations.NullMarked;
