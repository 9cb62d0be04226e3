/** Loads and polls inside a Spring Boot service. A sample to copy. */
@NullMarked
package io.reverseetl.springboot;

import org.jspecify.annotations.NullMarked;
