package io.reverseetl.docs;

import java.util.Optional;

/**
 * A fenced block of a page.
 *
 * @param page the page's path from the repository's root
 * @param line the line of its first line of text, from 1
 * @param language the word after the fence, empty if there is none
 * @param text what is between the fences
 * @param unchecked why it cannot be checked, if the page says so
 */
record CodeBlock(String page, int line, String language, String text, Optional<String> unchecked) {

  /** Where it is, for a message. */
  String place() {
    return page + ":" + line;
  }
}
