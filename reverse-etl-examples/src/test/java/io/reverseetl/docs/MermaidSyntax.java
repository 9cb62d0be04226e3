package io.reverseetl.docs;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A cheap look at Mermaid diagrams: the statements of flowcharts, sequence and state diagrams as
 * far as our pages use them. Narrower than Mermaid itself: what passes here renders, what renders
 * need not pass here.
 */
final class MermaidSyntax {
  private static final String TEXT = "(?:\"[^\"]*\"|[^\\[\\](){}\"|<>;]+)";
  private static final String ID = "(?!end\\b)[A-Za-z][A-Za-z0-9_]*";
  private static final String SHAPE =
      String.format(
          "(?:\\[\\(%1$s\\)\\]|\\(\\[%1$s\\]\\)|\\(\\(%1$s\\)\\)|\\[%1$s\\]|\\(%1$s\\)"
              + "|\\{\\{%1$s\\}\\}|\\{%1$s\\})",
          TEXT);
  private static final String NODE = ID + SHAPE + "?";
  private static final String NODES = NODE + "(?:\\s+&\\s+" + NODE + ")*";
  private static final String LABEL = "[^-=.|\\[\\](){}\"<>;]+";
  private static final String ARROW =
      String.format(
          "\\s*(?:<?(?:-->|---|-\\.->|==>)(?:\\|%1$s\\|)?|-- %2$s -->|-\\. %2$s \\.->|== %2$s ==>)"
              + "\\s*",
          TEXT, LABEL);
  private static final Pattern FLOW = Pattern.compile(NODES + "(?:" + ARROW + NODES + ")*");
  private static final Pattern FLOW_HEAD =
      Pattern.compile("(?:flowchart|graph) (?:LR|RL|TD|TB|BT)");
  private static final Pattern SUBGRAPH =
      Pattern.compile("subgraph " + ID + "(?: ?\\[" + TEXT + "\\])?");

  private static final Pattern MESSAGE =
      Pattern.compile(ID + "\\s*(?:->>|-->>|->|-->|-x|--x)[+-]?\\s*" + ID + "\\s*:[^;#]+");
  private static final Pattern PARTICIPANT =
      Pattern.compile("(?:participant|actor) " + ID + "(?: as [^;#]+)?");
  private static final Pattern NOTE =
      Pattern.compile("Note (?:over|left of|right of) " + ID + "(?:," + ID + ")?:[^;#]+");
  private static final Pattern SECTION = Pattern.compile("(?:loop|alt|opt|par) [^;#]+");
  private static final Pattern BRANCH = Pattern.compile("(?:else|and) ?[^;#]*");

  private static final String STATE = "(?:\\[\\*\\]|" + ID + ")";
  private static final Pattern TRANSITION =
      Pattern.compile(STATE + "\\s*-->\\s*" + STATE + "(?:\\s*:[^;#:]+)?");
  private static final Pattern STATE_NAME =
      Pattern.compile("state \"[^\"]+\" as " + ID + "|" + ID + "\\s*:[^;#:]+");

  private MermaidSyntax() {}

  /**
   * Looks at a diagram.
   *
   * @param text the block's text
   * @return what is wrong, with the line in the block from 1; empty if nothing is
   */
  static Optional<String> problem(String text) {
    List<String> lines = text.lines().map(String::strip).toList();
    String head = lines.isEmpty() ? "" : lines.get(0);
    Deque<String> open = new ArrayDeque<>();
    for (int i = 1; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.isEmpty() || line.startsWith("%%")) {
        continue;
      }
      if (line.equals("end")) {
        if (open.isEmpty()) {
          return Optional.of("line " + (i + 1) + ": nothing is open that could end");
        }
        open.pop();
        continue;
      }
      Optional<Boolean> opens = statement(head, line, !open.isEmpty());
      if (opens.isEmpty()) {
        return Optional.of("line " + (i + 1) + ": not understood: " + line);
      }
      if (opens.get()) {
        open.push(line);
      }
    }
    if (!isKnown(head)) {
      return Optional.of("not a kind of diagram that this check knows: " + head);
    }
    return open.isEmpty() ? Optional.empty() : Optional.of("no end of: " + open.peek());
  }

  private static boolean isKnown(String head) {
    return FLOW_HEAD.matcher(head).matches()
        || Set.of("sequenceDiagram", "stateDiagram-v2").contains(head);
  }

  /** Empty if it is none; else whether it opens something that has an end. */
  private static Optional<Boolean> statement(String head, String line, boolean inside) {
    if (head.equals("sequenceDiagram")) {
      if (SECTION.matcher(line).matches()) {
        return Optional.of(true);
      }
      return known(matches(line, MESSAGE, PARTICIPANT, NOTE) || inside && matches(line, BRANCH));
    }
    if (head.equals("stateDiagram-v2")) {
      return known(matches(line, TRANSITION, STATE_NAME));
    }
    if (SUBGRAPH.matcher(line).matches()) {
      return Optional.of(true);
    }
    return known(matches(line, FLOW));
  }

  private static Optional<Boolean> known(boolean is) {
    return is ? Optional.of(false) : Optional.empty();
  }

  private static boolean matches(String line, Pattern... patterns) {
    for (Pattern pattern : patterns) {
      if (pattern.matcher(line).matches()) {
        return true;
      }
    }
    return false;
  }
}
