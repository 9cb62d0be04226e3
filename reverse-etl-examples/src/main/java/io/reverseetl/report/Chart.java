package io.reverseetl.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** A timeline as inline SVG: series over the time of a run. */
final class Chart {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 210;
  private static final int LEFT = 58;
  private static final int RIGHT = 14;
  private static final int TOP = 12;
  private static final int BOTTOM = 26;

  /** How a series is drawn. */
  enum Form {
    AREA,
    BARS,
    STEPS
  }

  /**
   * A series.
   *
   * @param name for the legend
   * @param style a class of the style sheet
   * @param values one for each piece of the run
   */
  private record Series(String name, String style, double[] values) {}

  private final String title;
  private final String unit;
  private final long lengthMillis;
  private final Form form;
  private final List<Series> series = new ArrayList<>();
  private OptionalDouble cap = OptionalDouble.empty();

  Chart(String title, String unit, long lengthMillis, Form form) {
    this.title = title;
    this.unit = unit;
    this.lengthMillis = Math.max(1, lengthMillis);
    this.form = form;
  }

  Chart series(String name, String style, double[] values) {
    series.add(new Series(name, style, values));
    return this;
  }

  Chart cap(OptionalDouble limit) {
    this.cap = limit;
    return this;
  }

  private int pieces() {
    return series.get(0).values().length;
  }

  private double[] stackedTotals() {
    double[] totals = new double[pieces()];
    for (Series one : series) {
      for (int i = 0; i < totals.length; i++) {
        totals[i] =
            form == Form.BARS ? totals[i] + one.values()[i] : Math.max(totals[i], one.values()[i]);
      }
    }
    return totals;
  }

  private boolean isEmpty() {
    return Arrays.stream(stackedTotals()).allMatch(total -> total == 0);
  }

  private double highest() {
    double highest = cap.orElse(0);
    for (double total : stackedTotals()) {
      highest = Math.max(highest, total);
    }
    return highest;
  }

  /** The step of the grid: 1, 2 or 5 times a power of ten, so that there are three to six lines. */
  static double step(double highest) {
    double rough = (highest > 0 ? highest : 4) / 4;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    for (double factor : new double[] {1, 2, 5}) {
      if (factor * power >= rough) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  String render() {
    double highest = highest();
    double step = step(highest);
    if (form != Form.AREA) {
      step = Math.max(1, step); // These count things.
    }
    double top = Math.max(step, Math.ceil(highest / step - 1e-9) * step);
    StringBuilder svg = new StringBuilder(8_192);
    svg.append("<figure class=\"card\"><figcaption><h2>").append(Html.text(title)).append("</h2>");
    legend(svg);
    svg.append("</figcaption><svg viewBox=\"0 0 ")
        .append(WIDTH)
        .append(' ')
        .append(HEIGHT)
        .append("\" role=\"img\" aria-label=\"")
        .append(Html.text(title + ", highest " + Html.number(highest) + " " + unit))
        .append("\">");
    grid(svg, step, top);
    for (int i = 0; i < series.size(); i++) {
      draw(svg, i, top);
    }
    cap.ifPresent(limit -> capLine(svg, limit, top));
    if (isEmpty()) {
      svg.append("<text class=\"tick\" text-anchor=\"middle\" x=\"")
          .append(x(0.5))
          .append("\" y=\"")
          .append(HEIGHT / 2)
          .append("\">none</text>");
    } else {
      tooltips(svg);
    }
    svg.append("</svg></figure>\n");
    return svg.toString();
  }

  private void legend(StringBuilder svg) {
    svg.append("<p class=\"legend\">");
    for (Series one : series) {
      svg.append("<span class=\"key ")
          .append(one.style())
          .append("\">")
          .append(Html.text(one.name()))
          .append("</span>");
    }
    cap.ifPresent(
        limit ->
            svg.append("<span class=\"key cap\">limit ")
                .append(Html.number(limit))
                .append("</span>"));
    svg.append("</p>");
  }

  private void grid(StringBuilder svg, double step, double top) {
    for (int i = 0; i * step <= top + step / 2; i++) {
      String y = y(i * step, top);
      svg.append("<line class=\"grid\" x1=\"")
          .append(LEFT)
          .append("\" x2=\"")
          .append(WIDTH - RIGHT)
          .append("\" y1=\"")
          .append(y)
          .append("\" y2=\"")
          .append(y)
          .append("\"/><text class=\"tick\" text-anchor=\"end\" x=\"")
          .append(LEFT - 8)
          .append("\" y=\"")
          .append(y)
          .append("\" dy=\"4\">")
          .append(Html.number(i * step))
          .append("</text>");
    }
    for (int i = 0; i <= 4; i++) {
      String anchor = i == 0 ? "start" : i == 4 ? "end" : "middle";
      svg.append("<text class=\"tick\" text-anchor=\"")
          .append(anchor)
          .append("\" x=\"")
          .append(x(i / 4.0))
          .append("\" y=\"")
          .append(HEIGHT - 6)
          .append("\">")
          .append(Html.time(lengthMillis * i / 4))
          .append("</text>");
    }
  }

  private void draw(StringBuilder svg, int index, double top) {
    Series one = series.get(index);
    switch (form) {
      case AREA -> {
        String line = line(one.values(), top);
        svg.append("<path class=\"area ")
            .append(one.style())
            .append("\" d=\"")
            .append(line)
            .append('L')
            .append(x(1 - 0.5 / pieces()))
            .append(' ')
            .append(y(0, top))
            .append('L')
            .append(x(0.5 / pieces()))
            .append(' ')
            .append(y(0, top))
            .append("Z\"/>");
        svg.append("<path class=\"line ")
            .append(one.style())
            .append("\" d=\"")
            .append(line)
            .append("\"/>");
      }
      case STEPS -> {
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < pieces(); i++) {
          String y = y(one.values()[i], top);
          path.append(i == 0 ? 'M' : 'L')
              .append(x(i / (double) pieces()))
              .append(' ')
              .append(y)
              .append('L')
              .append(x((i + 1) / (double) pieces()))
              .append(' ')
              .append(y);
        }
        svg.append("<path class=\"line ")
            .append(one.style())
            .append("\" d=\"")
            .append(path)
            .append("\"/>");
      }
      case BARS -> bars(svg, index, top);
    }
  }

  private void bars(StringBuilder svg, int index, double top) {
    for (int i = 0; i < pieces(); i++) {
      double below = 0;
      for (int s = 0; s < index; s++) {
        below += series.get(s).values()[i];
      }
      double value = series.get(index).values()[i];
      if (value > 0) {
        double upper = yOf(below + value, top);
        svg.append("<rect class=\"bar ")
            .append(series.get(index).style())
            .append("\" x=\"")
            .append(x(i / (double) pieces()))
            .append("\" y=\"")
            .append(coordinate(upper))
            .append("\" width=\"")
            .append(coordinate(plotWidth() / pieces() * 0.86))
            .append("\" height=\"")
            .append(coordinate(yOf(below, top) - upper))
            .append("\"/>");
      }
    }
  }

  private String line(double[] values, double top) {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < values.length; i++) {
      path.append(i == 0 ? 'M' : 'L')
          .append(x((i + 0.5) / values.length))
          .append(' ')
          .append(y(values[i], top));
    }
    return path.toString();
  }

  private void capLine(StringBuilder svg, double limit, double top) {
    String y = y(limit, top);
    svg.append("<line class=\"line cap\" x1=\"")
        .append(LEFT)
        .append("\" x2=\"")
        .append(WIDTH - RIGHT)
        .append("\" y1=\"")
        .append(y)
        .append("\" y2=\"")
        .append(y)
        .append("\"/>");
  }

  /** What the browser shows where the pointer rests. */
  private void tooltips(StringBuilder svg) {
    for (int i = 0; i < pieces(); i++) {
      StringBuilder told = new StringBuilder(Html.time(lengthMillis * i / pieces()));
      for (Series one : series) {
        told.append("\n")
            .append(one.name())
            .append(": ")
            .append(Html.number(one.values()[i]))
            .append(' ')
            .append(unit);
      }
      svg.append("<rect class=\"hover\" x=\"")
          .append(x(i / (double) pieces()))
          .append("\" y=\"")
          .append(TOP)
          .append("\" width=\"")
          .append(coordinate(plotWidth() / pieces()))
          .append("\" height=\"")
          .append(HEIGHT - TOP - BOTTOM)
          .append("\"><title>")
          .append(Html.text(told.toString()).replace('\n', ' '))
          .append("</title></rect>");
    }
  }

  private static double plotWidth() {
    return WIDTH - LEFT - RIGHT;
  }

  private static String x(double share) {
    return coordinate(LEFT + share * plotWidth());
  }

  private static double yOf(double value, double top) {
    return TOP + (1 - value / top) * (HEIGHT - TOP - BOTTOM);
  }

  private static String y(double value, double top) {
    return coordinate(yOf(value, top));
  }

  private static String coordinate(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
