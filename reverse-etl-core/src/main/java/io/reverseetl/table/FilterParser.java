package io.reverseetl.table;

import io.reverseetl.table.FilterExpression.And;
import io.reverseetl.table.FilterExpression.ColumnTerm;
import io.reverseetl.table.FilterExpression.Compare;
import io.reverseetl.table.FilterExpression.IsNull;
import io.reverseetl.table.FilterExpression.IsTrue;
import io.reverseetl.table.FilterExpression.Like;
import io.reverseetl.table.FilterExpression.Literal;
import io.reverseetl.table.FilterExpression.Not;
import io.reverseetl.table.FilterExpression.NullSafeEqual;
import io.reverseetl.table.FilterExpression.Or;
import io.reverseetl.table.FilterExpression.Term;
import io.reverseetl.table.FilterLexer.Kind;
import io.reverseetl.table.FilterLexer.Token;
import io.reverseetl.table.FilterVisitor.Comparison;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the grammar that {@link RowFilter} describes, by recursive descent. */
final class FilterParser {
  private static final int MAX_DEPTH = 200;
  private static final Set<String> RESERVED =
      Set.of("AND", "OR", "NOT", "IN", "BETWEEN", "LIKE", "IS", "NULL", "TRUE", "FALSE");
  private static final Map<String, Comparison> COMPARISONS =
      Map.of(
          "=", Comparison.EQUAL,
          "==", Comparison.EQUAL,
          "<>", Comparison.NOT_EQUAL,
          "!=", Comparison.NOT_EQUAL,
          "<", Comparison.LESS,
          "<=", Comparison.LESS_OR_EQUAL,
          ">", Comparison.GREATER,
          ">=", Comparison.GREATER_OR_EQUAL);

  private final String text;
  private final List<Token> tokens;
  private int next;
  private int depth;

  FilterParser(String text) {
    this.text = text;
    this.tokens = new FilterLexer(text).tokens();
  }

  FilterExpression parse() {
    FilterExpression expression = or();
    if (peek().kind() != Kind.END) {
      throw expected("AND, OR or the end");
    }
    return expression;
  }

  private FilterExpression or() {
    if (++depth > MAX_DEPTH) {
      throw error(peek(), "it is nested deeper than " + MAX_DEPTH + " levels");
    }
    List<FilterExpression> operands = new ArrayList<>();
    do {
      operands.add(and());
    } while (acceptWord("OR"));
    depth--;
    return operands.size() == 1 ? operands.get(0) : new Or(List.copyOf(operands));
  }

  private FilterExpression and() {
    List<FilterExpression> operands = new ArrayList<>();
    do {
      operands.add(not());
    } while (acceptWord("AND"));
    return operands.size() == 1 ? operands.get(0) : new And(List.copyOf(operands));
  }

  private FilterExpression not() {
    boolean negated = false;
    while (acceptWord("NOT")) {
      negated = !negated;
    }
    FilterExpression operand = predicate();
    return negated ? new Not(operand) : operand;
  }

  private FilterExpression predicate() {
    if (accept("(")) {
      FilterExpression inner = or();
      expect(")");
      return inner;
    }
    Term left = term();
    Token operator = peek();
    if (operator.kind() == Kind.SYMBOL) {
      if (operator.text().equals("<=>")) {
        next++;
        return new NullSafeEqual(left, term());
      }
      Comparison comparison = COMPARISONS.get(operator.text());
      if (comparison != null) {
        next++;
        return new Compare(left, comparison, term());
      }
    }
    if (acceptWord("IS")) {
      boolean negated = acceptWord("NOT");
      if (!acceptWord("NULL")) {
        throw expected("NULL");
      }
      return negate(negated, new IsNull(left));
    }
    boolean negated = acceptWord("NOT");
    if (acceptWord("IN")) {
      return negate(negated, in(left));
    }
    if (acceptWord("BETWEEN")) {
      return negate(negated, between(left));
    }
    if (acceptWord("LIKE")) {
      return negate(negated, like(left));
    }
    if (negated) {
      throw expected("IN, BETWEEN or LIKE");
    }
    boolean condition =
        left instanceof ColumnTerm
            || (left instanceof Literal literal
                && (literal.value() == null || literal.value() instanceof Boolean));
    if (!condition) {
      throw expected("a comparison");
    }
    return new IsTrue(left);
  }

  private static FilterExpression negate(boolean negated, FilterExpression expression) {
    return negated ? new Not(expression) : expression;
  }

  private FilterExpression in(Term left) {
    expect("(");
    List<FilterExpression> equals = new ArrayList<>();
    do {
      equals.add(new Compare(left, Comparison.EQUAL, term()));
    } while (accept(","));
    expect(")");
    return equals.size() == 1 ? equals.get(0) : new Or(List.copyOf(equals));
  }

  private FilterExpression between(Term left) {
    Term low = term();
    if (!acceptWord("AND")) {
      throw expected("AND");
    }
    Term high = term();
    return new And(
        List.of(
            new Compare(left, Comparison.GREATER_OR_EQUAL, low),
            new Compare(left, Comparison.LESS_OR_EQUAL, high)));
  }

  private FilterExpression like(Term left) {
    String pattern = string("a pattern in single quotes");
    char escape = '\\';
    if (acceptWord("ESCAPE")) {
      Token at = peek();
      String chosen = string("one character in single quotes");
      if (chosen.length() != 1) {
        throw error(at, "an escape is one character");
      }
      escape = chosen.charAt(0);
    }
    return new Like(left, pattern, escape);
  }

  private String string(String expectation) {
    Token token = peek();
    if (token.kind() != Kind.STRING) {
      throw expected(expectation);
    }
    next++;
    return token.text();
  }

  private Term term() {
    Token token = peek();
    switch (token.kind()) {
      case NUMBER -> {
        next++;
        return new Literal(number(token, token.text()));
      }
      case STRING -> {
        next++;
        return new Literal(token.text());
      }
      case QUOTED_NAME -> {
        return column();
      }
      case WORD -> {
        return word(token);
      }
      case SYMBOL -> {
        if ((token.text().equals("-") || token.text().equals("+"))
            && tokens.get(next + 1).kind() == Kind.NUMBER) {
          next += 2;
          return new Literal(number(token, token.text() + tokens.get(next - 1).text()));
        }
      }
      case END -> {}
    }
    throw expected("a column or a literal");
  }

  private BigDecimal number(Token token, String digits) {
    BigDecimal number;
    try {
      number = new BigDecimal(digits);
    } catch (NumberFormatException e) {
      throw error(token, "this is no number");
    }
    if (Math.abs((long) number.scale()) > 1000) {
      throw error(token, "the number is too large or too small");
    }
    return number;
  }

  private Term word(Token token) {
    String word = token.text().toUpperCase(Locale.ROOT);
    boolean text = tokens.get(next + 1).kind() == Kind.STRING;
    switch (word) {
      case "NULL" -> {
        next++;
        return new Literal(null);
      }
      case "TRUE" -> {
        next++;
        return new Literal(true);
      }
      case "FALSE" -> {
        next++;
        return new Literal(false);
      }
      case "DATE", "TIMESTAMP" -> {
        if (text) {
          next++;
          return time(word, string(""));
        }
      }
      default -> {}
    }
    if (RESERVED.contains(word)) {
      throw expected("a column or a literal");
    }
    return column();
  }

  private Term time(String word, String literal) {
    Token token = tokens.get(next - 1);
    try {
      return new Literal(
          word.equals("DATE") ? FilterTimes.date(literal) : FilterTimes.timestamp(literal));
    } catch (DateTimeException e) {
      throw error(
          token,
          word.equals("DATE")
              ? "a date looks like '2024-02-29'"
              : "a timestamp looks like '2024-02-29 12:30:00.123456', with 'Z' or '+01:00' behind"
                  + " it if it is not UTC");
    }
  }

  private Term column() {
    List<String> path = new ArrayList<>();
    do {
      Token token = peek();
      if (token.kind() != Kind.WORD && token.kind() != Kind.QUOTED_NAME) {
        throw expected("a column");
      }
      next++;
      path.add(token.text());
    } while (accept("."));
    return new ColumnTerm(List.copyOf(path));
  }

  private Token peek() {
    return tokens.get(next);
  }

  private boolean accept(String symbol) {
    boolean found = peek().kind() == Kind.SYMBOL && peek().text().equals(symbol);
    next += found ? 1 : 0;
    return found;
  }

  private void expect(String symbol) {
    if (!accept(symbol)) {
      throw expected("\"" + symbol + "\"");
    }
  }

  private boolean acceptWord(String word) {
    boolean found = peek().kind() == Kind.WORD && peek().text().equalsIgnoreCase(word);
    next += found ? 1 : 0;
    return found;
  }

  private IllegalArgumentException expected(String what) {
    return error(peek(), "expected " + what + ", but found " + peek().describe());
  }

  private IllegalArgumentException error(Token at, @Nullable String problem) {
    return FilterLexer.error(text, at.position(), String.valueOf(problem));
  }
}
