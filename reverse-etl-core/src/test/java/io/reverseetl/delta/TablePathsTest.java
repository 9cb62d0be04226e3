package io.reverseetl.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.exceptions.TableReadException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TablePathsTest {
  private static final String ROOT = "abfss://lake@acme.dfs.core.windows.net/gold/t";

  @ParameterizedTest
  @CsvSource({
    "part-1.parquet, part-1.parquet",
    "a=b%20c/x.parquet, a=b c/x.parquet",
    "a=%2520/x.parquet, a=%20/x.parquet",
    "ts=12:30/x.parquet, ts=12:30/x.parquet",
    "12:30/x.parquet, 12:30/x.parquet",
    "100%/x.parquet, 100%/x.parquet",
    "./a/../x.parquet, x.parquet",
    "abfss://lake@acme.dfs.core.windows.net/gold/t/x.parquet, x.parquet",
    "/gold/t/x.parquet, x.parquet",
    "%F0%9F%9A%80/x, \uD83D\uDE80/x",
  })
  void resolvesPathsBelowTheRoot(String encoded, String id) {
    TablePaths.Resolved resolved = new TablePaths(ROOT, false).resolve(encoded);

    assertThat(resolved.id()).isEqualTo(id);
    assertThat(resolved.path()).isEqualTo(ROOT + "/" + id);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../t2/x.parquet",
        "..%2Fx.parquet",
        "%2e%2e/x.parquet",
        "a/../../x.parquet",
        "/gold/t2/x.parquet",
        "/etc/passwd",
        "file:/etc/passwd",
        "file:///etc/passwd",
        "abfss://other@acme.dfs.core.windows.net/gold/t/x.parquet",
        "abfss://lake@acme.dfs.core.windows.net/gold/t/../x.parquet",
        "https://lake@acme.dfs.core.windows.net/gold/t/x.parquet",
        "..",
      })
  void refusesPathsOutsideTheRoot(String encoded) {
    assertThatThrownBy(() -> new TablePaths(ROOT, false).resolve(encoded))
        .isInstanceOf(TableReadException.class)
        .extracting("reason")
        .isEqualTo(TableReadException.Reason.FILE_OUTSIDE_TABLE);
  }

  @Test
  void resolvesPathsOutsideTheRootWhereAllowed() {
    TablePaths.Resolved resolved =
        new TablePaths("file:/tables/t", true).resolve("file:///tables/origin/a%20b.parquet");

    assertThat(resolved.path()).isEqualTo("file:/tables/origin/a b.parquet");
    assertThat(resolved.id()).isEqualTo("file:/tables/origin/a b.parquet");
  }

  @ParameterizedTest
  @CsvSource({
    "abfss://lake@acme.dfs.core.windows.net/t, abfss://lake@acme.dfs.core.windows.net/t",
    "s3a://KEY:SECRET@bucket/t, s3a://***@bucket/t",
    "https://acme.blob.core.windows.net/c/t?sv=1&sig=abc%3D, https://acme.blob.core.windows.net/c/t",
    "/data/what?/t, /data/what?/t",
  })
  void takesSecretsOutOfUris(String uri, String shown) {
    assertThat(Redaction.uri(uri)).isEqualTo(shown);
  }

  @Test
  void takesSecretsOutOfMessages() {
    assertThat(
            Redaction.text(
                "HEAD https://a.dfs.core.windows.net/c/f?sig=abc 403; retry with Sig=abc&x"))
        .doesNotContain("abc")
        .contains("https://a.dfs.core.windows.net/c/f");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ROOT + "2/x.parquet",
        ROOT + "/../other/_sidecars/x.parquet",
        "abfss://lake@other.dfs.core.windows.net/gold/t/x.parquet",
      })
  void confinesWhateverIsReadToTheRoot(String path) {
    TablePaths paths = new TablePaths(ROOT, false);

    assertThatThrownBy(() -> paths.confine(path))
        .isInstanceOf(TableReadException.class)
        .extracting("reason")
        .isEqualTo(TableReadException.Reason.FILE_OUTSIDE_TABLE);
    assertThat(paths.confine(ROOT)).isEqualTo(ROOT);
    assertThat(paths.confine(ROOT + "/_delta_log/./x")).isEqualTo(ROOT + "/_delta_log/x");
    assertThat(new TablePaths(ROOT, true).confine(path)).isNotEmpty();
  }
}
