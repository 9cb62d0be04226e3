/** The wire emulator as an extension of JUnit 5. */
package io.reverseetl.cosmos.junit;
