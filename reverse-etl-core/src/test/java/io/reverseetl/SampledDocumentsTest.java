package io.reverseetl;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SampledDocumentsTest {
  private final SampledDocuments sample = new SampledDocuments();

  private void add(String id, Object... key) {
    sample.accept(
        Document.of(
            DocumentKey.of(id, key),
            Map.of("a", 1, "b", List.of("x", "y"), "c", Map.of("d", true))));
  }

  @Test
  void findsTheMostFrequentValueOfEachLevel() {
    for (int i = 0; i < 60; i++) {
      add("a" + i, "big", "user" + i % 30);
    }
    for (int i = 0; i < 40; i++) {
      add("b" + i, "small" + i, "user");
    }

    assertThat(sample.skew()).containsExactly(new KeySkew(1, 41, 0.6), new KeySkew(2, 70, 0.02));
  }

  @Test
  void holdsTextNumbersNullAndAbsentApart() {
    add("1", "1");
    add("2", 1);
    add("3", (Object) null);
    add("4", DocumentKey.ABSENT);
    add("5", true);

    assertThat(sample.skew()).containsExactly(new KeySkew(1, 5, 0.2));
  }

  @Test
  void countsValuesInArraysAndNestedObjects() {
    add("1", "k");

    // The id is a value too: 1, "x", "y", true and "1".
    assertThat(sample.meanValues()).isEqualTo(5);
  }

  @Test
  void findsAFrequentValueAmongMoreThanItCounts() {
    int documents = 300_000;
    for (int i = 0; i < documents; i++) {
      sample.accept(
          Document.ofConsistentJson(
              DocumentKey.of("x", i % 4 == 0 ? "hot" : "cold" + i), new byte[] {'{', '}'}));
    }

    KeySkew skew = sample.skew().get(0);
    assertThat(skew.hottestShare()).isBetween(0.2499, 0.25);
    assertThat(skew.distinctValues()).isEqualTo(100_000);
  }

  @Test
  void saysNothingAboutNothing() {
    assertThat(sample.skew()).isEmpty();
    assertThat(sample.meanBytes()).isZero();
    assertThat(sample.meanValues()).isZero();
  }
}
