package io.reverseetl.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.LoadReport;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class QuickstartTest {

  @Test
  void loadsTheProductCatalogAndShowsSomeOfIt() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    LoadReport report =
        Quickstart.run(
            "data/product-catalog/table", new PrintStream(out, true, StandardCharsets.UTF_8));

    assertThat(report.isLoaded()).isTrue();
    assertThat(report.version()).isEqualTo(1);
    assertThat(report.documentsWritten()).isEqualTo(5_000);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("5,000 documents", "\"product_id\":\"P-0", "{same=true}");
  }
}
