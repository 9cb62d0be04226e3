package io.reverseetl.docs;

import java.util.ArrayList;
import java.util.List;

/** Takes the commands of a shell block apart, as far as pages go. */
final class ShellCommands {
  private ShellCommands() {}

  /**
   * The commands of a block.
   *
   * @param text lines; one that ends in a backslash goes on, {@code &&} begins another command
   * @return each as its words, without settings of variables before it
   */
  static List<List<String>> of(String text) {
    List<List<String>> commands = new ArrayList<>();
    for (String line : text.replace("\\\n", " ").split("\n")) {
      List<String> words = new ArrayList<>();
      for (String word : words(line)) {
        if (word.equals("&&")) {
          add(commands, words);
          words = new ArrayList<>();
        } else {
          words.add(word);
        }
      }
      add(commands, words);
    }
    return commands;
  }

  private static void add(List<List<String>> commands, List<String> words) {
    int settings = 0;
    while (settings < words.size() && words.get(settings).matches("[A-Z_]+=.*")) {
      settings++;
    }
    if (settings < words.size()) {
      commands.add(List.copyOf(words.subList(settings, words.size())));
    }
  }

  private static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean open = false;
    char quote = 0;
    for (char c : line.toCharArray()) {
      if (quote != 0) {
        if (c == quote) {
          quote = 0;
        } else {
          word.append(c);
        }
      } else if (c == '"' || c == '\'') {
        quote = c;
        open = true;
      } else if (c == '#' && !open) {
        break;
      } else if (Character.isWhitespace(c)) {
        if (open) {
          words.add(word.toString());
          word.setLength(0);
          open = false;
        }
      } else {
        word.append(c);
        open = true;
      }
    }
    if (quote != 0) {
      throw new IllegalArgumentException("A quotation mark is not closed: " + line);
    }
    if (open) {
      words.add(word.toString());
    }
    return words;
  }
}
