/** The front door: a pipeline, and the loader, poller and switcher that run it. */
@NullMarked
package io.reverseetl;

import org.jspecify.annotations.NullMarked;
