package io.reverseetl.cosmos.emulator;

import java.util.ArrayList;
import java.util.List;

/** Cuts query text into tokens. */
final class SqlLexer {
  /** What a token is. */
  enum Type {
    WORD,
    NUMBER,
    STRING,
    PARAMETER,
    SYMBOL,
    END
  }

  /**
   * One token.
   *
   * @param type what it is
   * @param text the word, the symbol, the string's value, the number or the parameter as written
   * @param start index of its first character
   * @param end index after its last character
   */
  record Token(Type type, String text, int start, int end) {}

  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private int at;

  private SqlLexer(String text) {
    this.text = text;
  }

  static List<Token> tokens(String text) {
    SqlLexer lexer = new SqlLexer(text);
    lexer.run();
    return lexer.tokens;
  }

  private void run() {
    while (at < text.length()) {
      char c = text.charAt(at);
      int start = at;
      if (Character.isWhitespace(c)) {
        at++;
      } else if (c == '\'' || c == '"') {
        add(Type.STRING, string(c), start);
      } else if (Character.isDigit(c)) {
        while (at < text.length() && isNumberPart(at)) {
          at++;
        }
        add(Type.NUMBER, text.substring(start, at), start);
      } else if (Character.isLetter(c) || c == '_' || c == '@' || c == '$') {
        at++;
        while (at < text.length() && isWordPart(text.charAt(at))) {
          at++;
        }
        add(c == '@' ? Type.PARAMETER : Type.WORD, text.substring(start, at), start);
      } else {
        String two = text.substring(at, Math.min(at + 2, text.length()));
        boolean pair = two.equals("<=") || two.equals(">=") || two.equals("!=") || two.equals("<>");
        at += pair ? 2 : 1;
        add(Type.SYMBOL, text.substring(start, at), start);
      }
    }
    add(Type.END, "", at);
  }

  private void add(Type type, String value, int start) {
    tokens.add(new Token(type, value, start, at));
  }

  private static boolean isWordPart(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '$';
  }

  private boolean isNumberPart(int index) {
    char c = text.charAt(index);
    char before = text.charAt(Math.max(0, index - 1));
    return Character.isDigit(c)
        || c == '.'
        || c == 'e'
        || c == 'E'
        || ((c == '+' || c == '-') && (before == 'e' || before == 'E'));
  }

  private String string(char quote) {
    StringBuilder value = new StringBuilder();
    for (at++; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == quote) {
        at++;
        return value.toString();
      }
      if (c == '\\' && at + 1 < text.length()) {
        at++;
        value.append(escaped(text.charAt(at)));
      } else {
        value.append(c);
      }
    }
    throw CosmosError.badRequest("Syntax error: a string is not closed.");
  }

  private char escaped(char c) {
    switch (c) {
      case 'n' -> {
        return '\n';
      }
      case 't' -> {
        return '\t';
      }
      case 'r' -> {
        return '\r';
      }
      case 'b' -> {
        return '\b';
      }
      case 'f' -> {
        return '\f';
      }
      case 'u' -> {
        if (at + 4 >= text.length()) {
          throw CosmosError.badRequest("Syntax error: a unicode escape is cut short.");
        }
        char unicode = (char) Integer.parseInt(text.substring(at + 1, at + 5), 16);
        at += 4;
        return unicode;
      }
      default -> {
        return c;
      }
    }
  }
}
