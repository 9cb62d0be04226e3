package io.reverseetl.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.PollReport;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class QuickstartTest {

  @Test
  void loadsTheProductCatalogAndBringsItsChangesIn() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    PollReport report =
        Quickstart.run(
            "data/product-catalog/table", new PrintStream(out, true, StandardCharsets.UTF_8));

    assertThat(report.outcome()).isEqualTo(PollReport.Outcome.UP_TO_DATE);
    assertThat(report.toVersion()).isEqualTo(8);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains(
            "5,000 documents",
            "\"product_id\":\"P-0",
            "{same=true}",
            "Switched to version 8: ",
            "from \"products\" to \"products-1-");
  }
}
