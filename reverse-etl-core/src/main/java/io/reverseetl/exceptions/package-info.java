/** What can go wrong, one class for each different thing a caller can do about it. */
@NullMarked
package io.reverseetl.exceptions;

import org.jspecify.annotations.NullMarked;
