package io.reverseetl.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.document.DocumentOperation.IfMissing;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentOperationTest {
  private static final DocumentKey KEY = DocumentKey.of("7", "secret");
  private static final Document DOCUMENT = Document.of(KEY, Map.of("region", "secret"));

  private static DocumentOperation patch(boolean ifNewer, List<FieldChange> changes) {
    return new DocumentOperation.Patch(KEY, changes, null, IfMissing.SKIP, ifNewer, 1);
  }

  static Stream<FieldChange> unrepeatable() {
    return Stream.of(
        FieldChange.increment("/n", 1), FieldChange.add("/list/-", 1), FieldChange.remove("/n"));
  }

  @ParameterizedTest
  @MethodSource("unrepeatable")
  void refusesWhatWouldBeDoneTwiceWhenAnAnswerIsLost(FieldChange change) {
    assertThatThrownBy(() -> patch(false, List.of(change)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ifNewer");
    assertThat(patch(true, List.of(change)).deletes()).isFalse();
  }

  @Test
  void boundsTheChangesOfAPatch() {
    FieldChange set = FieldChange.set("/n", "x".repeat(50));

    assertThat(patch(false, Collections.nCopies(10, set)).sizeInBytes()).isGreaterThan(500);
    assertThatThrownBy(() -> patch(false, Collections.nCopies(11, set)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("MergeFields");
    assertThatThrownBy(() -> patch(true, Collections.nCopies(10, set)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> patch(false, List.of())).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> new DocumentOperation.Patch(KEY, List.of(set), null, IfMissing.CREATE, false, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "a", "/id"})
  void refusesAPathThatCannotBe(String path) {
    assertThatThrownBy(() -> FieldChange.set(path, 1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesAValueWithoutAJsonForm() {
    assertThatThrownBy(() -> FieldChange.set("/n", Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new FieldChange(FieldChange.Kind.INCREMENT, "/n", "1"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void tellsDeletesApart() {
    assertThat(new DocumentOperation.Delete(KEY, 1).deletes()).isTrue();
    assertThat(new DocumentOperation.DeleteIfNewer(KEY, 1).deletes()).isTrue();
    assertThat(new DocumentOperation.DeleteIfUnmodified(KEY, "x", 1).deletes()).isTrue();
    assertThat(new DocumentOperation.Create(DOCUMENT, 1).deletes()).isFalse();
    assertThat(new DocumentOperation.Create(DOCUMENT, 1).body()).contains(DOCUMENT);
  }

  @Test
  void keepsValuesOutOfItsText() {
    assertThat(FieldChange.set("/n", "secret").toString()).doesNotContain("secret");
    assertThat(patch(false, List.of(FieldChange.set("/n", "secret"))).toString())
        .doesNotContain("secret");
    assertThat(new DocumentOperation.ReplaceIfUnmodified(DOCUMENT, "x", 1).toString())
        .doesNotContain("secret");
    assertThat(
            new DocumentOperation.MergeFields(DOCUMENT, Set.of("a"), IfMissing.SKIP, false, 1)
                .toString())
        .doesNotContain("secret");
  }
}
