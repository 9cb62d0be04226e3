package io.reverseetl.cosmos.emulator;

import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads the part of the query language that the emulator knows; everything else is refused with
 * 400, so that a test cannot pass on a misread query.
 */
final class SqlParser {
  private final String text;
  private final List<SqlLexer.Token> tokens;
  private int at;
  private String alias = "c";

  private SqlParser(String text) {
    this.text = text;
    this.tokens = SqlLexer.tokens(text);
  }

  /** Parses a whole query. */
  static SqlQuery parse(String text) {
    return new SqlParser(text).query();
  }

  /** Parses the condition of a patch: {@code FROM c WHERE ...}. */
  static SqlExpression parseCondition(String text) {
    SqlParser parser = new SqlParser(text);
    parser.from();
    parser.expectWord("WHERE");
    SqlExpression condition = parser.expression();
    parser.expectEnd();
    return condition;
  }

  private SqlQuery query() {
    expectWord("SELECT");
    // The alias is declared after its first use.
    findAlias();
    int top = takeWord("TOP") ? integer() : -1;
    boolean star = false;
    boolean value = false;
    SqlQuery.Selected selected = null;
    if (takeSymbol("*")) {
      star = true;
    } else if (takeWord("VALUE")) {
      value = true;
      int start = peek().start();
      SqlExpression expression = expression();
      selected = new SqlQuery.Selected(expression, textFrom(start));
    } else {
      selected = projectionList();
    }
    int fromStart = peek().start();
    from();
    SqlExpression where = takeWord("WHERE") ? expression() : null;
    String from = textFrom(fromStart);
    List<SqlQuery.SortKey> orderBy = new ArrayList<>();
    if (takeWord("ORDER")) {
      expectWord("BY");
      do {
        int start = peek().start();
        SqlExpression key = expression();
        String keyText = textFrom(start);
        boolean descending = takeWord("DESC");
        if (!descending) {
          takeWord("ASC");
        }
        orderBy.add(new SqlQuery.SortKey(key, keyText, descending));
      } while (takeSymbol(","));
    }
    int offset = -1;
    int limit = -1;
    if (takeWord("OFFSET")) {
      offset = integer();
      expectWord("LIMIT");
      limit = integer();
    }
    expectEnd();
    return new SqlQuery(
        text, star, value, selected, alias, from, where, orderBy, top, offset, limit);
  }

  private void findAlias() {
    for (int i = at; i < tokens.size(); i++) {
      if (isWord(tokens.get(i), "FROM") && tokens.get(i + 1).type() == SqlLexer.Type.WORD) {
        int saved = at;
        at = i;
        from();
        at = saved;
        return;
      }
    }
  }

  private void from() {
    expectWord("FROM");
    alias = word();
    boolean as = takeWord("AS");
    SqlLexer.Token next = peek();
    if (as || (next.type() == SqlLexer.Type.WORD && !isClause(next))) {
      alias = word();
    }
  }

  private static boolean isClause(SqlLexer.Token token) {
    return switch (token.text().toUpperCase(Locale.ROOT)) {
      case "WHERE", "ORDER", "OFFSET", "GROUP", "JOIN", "IN" -> true;
      default -> false;
    };
  }

  private SqlQuery.Selected projectionList() {
    Map<String, SqlExpression> members = new LinkedHashMap<>();
    StringBuilder object = new StringBuilder("{");
    do {
      int start = peek().start();
      SqlExpression expression = expression();
      String expressionText = textFrom(start);
      String name = takeWord("AS") ? word() : nameOf(expression, members.size() + 1);
      members.put(name, expression);
      object.append(object.length() == 1 ? "" : ", ").append('"').append(Json.escape(name));
      object.append("\": ").append(expressionText);
    } while (takeSymbol(","));
    return new SqlQuery.Selected(
        new SqlExpression.ObjectOf(members), object.append('}').toString());
  }

  private String nameOf(SqlExpression expression, int position) {
    if (expression instanceof SqlExpression.Member member
        && member.name() instanceof SqlExpression.Literal literal
        && literal.value().isTextual()) {
      return literal.value().asText();
    }
    return expression instanceof SqlExpression.Root ? alias : "$" + position;
  }

  private SqlExpression expression() {
    SqlExpression left = conjunction();
    while (takeWord("OR")) {
      left = new SqlExpression.Logical(false, left, conjunction());
    }
    return left;
  }

  private SqlExpression conjunction() {
    SqlExpression left = negation();
    while (takeWord("AND")) {
      left = new SqlExpression.Logical(true, left, negation());
    }
    return left;
  }

  private SqlExpression negation() {
    return takeWord("NOT") ? new SqlExpression.Not(negation()) : comparison();
  }

  private SqlExpression comparison() {
    SqlExpression left = postfix();
    SqlLexer.Token token = peek();
    if (token.type() == SqlLexer.Type.SYMBOL) {
      switch (token.text()) {
        case "=", "!=", "<>", "<", "<=", ">", ">=" -> {
          at++;
          return new SqlExpression.Comparison(token.text(), left, postfix());
        }
        default -> {
          return left;
        }
      }
    }
    if (takeWord("BETWEEN")) {
      SqlExpression low = postfix();
      expectWord("AND");
      return new SqlExpression.Logical(
          true,
          new SqlExpression.Comparison(">=", left, low),
          new SqlExpression.Comparison("<=", left, postfix()));
    }
    boolean not = isWord(token, "NOT") && isWord(tokens.get(at + 1), "IN");
    if (not) {
      at++;
    }
    if (takeWord("IN")) {
      expectSymbol("(");
      SqlExpression in = new SqlExpression.In(left, list(")"));
      return not ? new SqlExpression.Not(in) : in;
    }
    return left;
  }

  private SqlExpression postfix() {
    SqlExpression expression = primary();
    while (true) {
      if (takeSymbol(".")) {
        expression =
            new SqlExpression.Member(
                expression, new SqlExpression.Literal(TextNode.valueOf(word())));
      } else if (takeSymbol("[")) {
        expression = new SqlExpression.Member(expression, expression());
        expectSymbol("]");
      } else {
        return expression;
      }
    }
  }

  private SqlExpression primary() {
    SqlLexer.Token token = peek();
    at++;
    return switch (token.type()) {
      case STRING -> new SqlExpression.Literal(TextNode.valueOf(token.text()));
      case NUMBER -> new SqlExpression.Literal(SqlValues.number(parseNumber(token)));
      case PARAMETER -> new SqlExpression.Parameter(token.text());
      case SYMBOL -> symbolic(token);
      case WORD -> named(token);
      default -> throw syntaxError(token);
    };
  }

  private SqlExpression symbolic(SqlLexer.Token token) {
    switch (token.text()) {
      case "(" -> {
        SqlExpression inner = expression();
        expectSymbol(")");
        return inner;
      }
      case "-" -> {
        return new SqlExpression.Literal(SqlValues.number(-parseNumber(tokens.get(at++))));
      }
      case "[" -> {
        return new SqlExpression.ArrayOf(list("]"));
      }
      case "{" -> {
        Map<String, SqlExpression> members = new LinkedHashMap<>();
        while (!takeSymbol("}")) {
          SqlLexer.Token name = tokens.get(at++);
          expectSymbol(":");
          members.put(name.text(), expression());
          takeSymbol(",");
        }
        return new SqlExpression.ObjectOf(members);
      }
      default -> throw syntaxError(token);
    }
  }

  private SqlExpression named(SqlLexer.Token token) {
    String upper = token.text().toUpperCase(Locale.ROOT);
    if (takeSymbol("(")) {
      List<SqlExpression> arguments = list(")");
      if (SqlValues.AGGREGATES.contains(upper) && arguments.size() == 1) {
        return new SqlExpression.Aggregate(upper, arguments.get(0));
      }
      if (SqlValues.isFunction(upper)) {
        return new SqlExpression.Call(upper, arguments);
      }
      throw CosmosError.badRequest("The emulator does not know the function " + token.text() + ".");
    }
    if (token.text().equals(alias)) {
      return new SqlExpression.Root();
    }
    return switch (token.text().toLowerCase(Locale.ROOT)) {
      case "true" -> new SqlExpression.Literal(BooleanNode.TRUE);
      case "false" -> new SqlExpression.Literal(BooleanNode.FALSE);
      case "null" -> new SqlExpression.Literal(NullNode.getInstance());
      case "undefined" -> new SqlExpression.Undefined();
      case "root" -> new SqlExpression.Root();
      default -> throw syntaxError(token);
    };
  }

  private List<SqlExpression> list(String end) {
    List<SqlExpression> elements = new ArrayList<>();
    if (takeSymbol(end)) {
      return elements;
    }
    do {
      elements.add(expression());
    } while (takeSymbol(","));
    expectSymbol(end);
    return elements;
  }

  private double parseNumber(SqlLexer.Token token) {
    try {
      return Double.parseDouble(token.text());
    } catch (NumberFormatException e) {
      throw syntaxError(token);
    }
  }

  private int integer() {
    SqlLexer.Token token = peek();
    at++;
    if (token.type() == SqlLexer.Type.PARAMETER) {
      throw CosmosError.badRequest("The emulator wants literal numbers for TOP, OFFSET and LIMIT.");
    }
    return IntNode.valueOf((int) parseNumber(token)).intValue();
  }

  private SqlLexer.Token peek() {
    return tokens.get(at);
  }

  private String word() {
    SqlLexer.Token token = peek();
    if (token.type() != SqlLexer.Type.WORD) {
      throw syntaxError(token);
    }
    at++;
    return token.text();
  }

  private String textFrom(int start) {
    return text.substring(start, tokens.get(at - 1).end());
  }

  private static boolean isWord(SqlLexer.Token token, String word) {
    return token.type() == SqlLexer.Type.WORD && token.text().equalsIgnoreCase(word);
  }

  private boolean takeWord(String word) {
    boolean found = isWord(peek(), word);
    at += found ? 1 : 0;
    return found;
  }

  private void expectWord(String word) {
    if (!takeWord(word)) {
      throw syntaxError(peek());
    }
  }

  private boolean takeSymbol(String symbol) {
    boolean found = peek().type() == SqlLexer.Type.SYMBOL && peek().text().equals(symbol);
    at += found ? 1 : 0;
    return found;
  }

  private void expectSymbol(String symbol) {
    if (!takeSymbol(symbol)) {
      throw syntaxError(peek());
    }
  }

  private void expectEnd() {
    if (peek().type() != SqlLexer.Type.END) {
      throw syntaxError(peek());
    }
  }

  private CosmosError syntaxError(SqlLexer.Token token) {
    return CosmosError.badRequest(
        "Syntax error, or a construct that the emulator does not know, near '"
            + token.text()
            + "' at "
            + token.start()
            + " in: "
            + text);
  }
}
