package io.reverseetl.table;

import java.util.ArrayList;
import java.util.List;

/** Cuts the text of a filter into tokens. */
final class FilterLexer {
  private static final String[] SYMBOLS = {
    "<=>", "<>", "<=", ">=", "==", "!=", "=", "<", ">", "(", ")", ",", ".", "-", "+"
  };

  enum Kind {
    WORD,
    QUOTED_NAME,
    STRING,
    NUMBER,
    SYMBOL,
    END
  }

  record Token(Kind kind, String text, int position) {
    String describe() {
      return switch (kind) {
        case END -> "the end";
        case STRING -> "a text";
        case WORD, QUOTED_NAME, NUMBER, SYMBOL -> "\"" + text + "\"";
      };
    }
  }

  private final String text;
  private int position;

  FilterLexer(String text) {
    this.text = text;
  }

  List<Token> tokens() {
    List<Token> tokens = new ArrayList<>();
    while (true) {
      while (position < text.length() && Character.isWhitespace(text.charAt(position))) {
        position++;
      }
      if (position == text.length()) {
        tokens.add(new Token(Kind.END, "", position));
        return tokens;
      }
      tokens.add(token());
    }
  }

  private Token token() {
    int start = position;
    char c = text.charAt(start);
    if (c == '\'') {
      return new Token(Kind.STRING, quoted('\''), start);
    }
    if (c == '`') {
      String name = quoted('`');
      if (name.isEmpty()) {
        throw error(text, start, "a name is empty");
      }
      return new Token(Kind.QUOTED_NAME, name, start);
    }
    if (isDigit(c) || (c == '.' && start + 1 < text.length() && isDigit(text.charAt(start + 1)))) {
      return new Token(Kind.NUMBER, number(), start);
    }
    if (Character.isUnicodeIdentifierStart(text.codePointAt(start)) || c == '_') {
      return new Token(Kind.WORD, word(), start);
    }
    for (String symbol : SYMBOLS) {
      if (text.startsWith(symbol, start)) {
        position += symbol.length();
        return new Token(Kind.SYMBOL, symbol, start);
      }
    }
    throw error(
        text,
        start,
        c == '"'
            ? "write text in 'single quotes' and names in `back quotes`"
            : "unexpected character \"" + Character.toString(text.codePointAt(start)) + "\"");
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private String quoted(char quote) {
    int start = position++;
    StringBuilder content = new StringBuilder();
    while (position < text.length()) {
      char c = text.charAt(position++);
      if (c != quote) {
        content.append(c);
      } else if (position < text.length() && text.charAt(position) == quote) {
        content.append(quote);
        position++;
      } else {
        return content.toString();
      }
    }
    throw error(text, start, "the quote that opens here is not closed");
  }

  private String number() {
    int start = position;
    digits();
    if (position < text.length() && text.charAt(position) == '.') {
      position++;
      digits();
    }
    if (position < text.length() && (text.charAt(position) | 0x20) == 'e') {
      position++;
      if (position < text.length() && "+-".indexOf(text.charAt(position)) >= 0) {
        position++;
      }
      digits();
    }
    if (position < text.length() && Character.isUnicodeIdentifierPart(text.codePointAt(position))) {
      throw error(text, start, "write names that start with a digit in `back quotes`");
    }
    return text.substring(start, position);
  }

  private void digits() {
    while (position < text.length() && isDigit(text.charAt(position))) {
      position++;
    }
  }

  private String word() {
    int start = position;
    while (position < text.length()) {
      int c = text.codePointAt(position);
      if (c != '_' && !Character.isUnicodeIdentifierPart(c)) {
        break;
      }
      position += Character.charCount(c);
    }
    return text.substring(start, position);
  }

  static IllegalArgumentException error(String text, int position, String problem) {
    int end = Math.min(text.length(), position + 20);
    String near =
        position >= text.length()
            ? "at its end"
            : "near \"" + text.substring(position, end) + (end < text.length() ? "..." : "") + "\"";
    return new IllegalArgumentException(
        "Cannot understand the filter at position "
            + (position + 1)
            + " "
            + near
            + ": "
            + problem
            + ".");
  }
}
