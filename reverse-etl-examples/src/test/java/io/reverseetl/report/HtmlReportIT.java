package io.reverseetl.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The report in a real browser. */
@Timeout(300)
class HtmlReportIT {
  @TempDir Path folder;
  private Browser browser;
  private Path report;

  @BeforeEach
  void findABrowser() throws Exception {
    Optional<Browser> found = Browser.find(folder);
    assumeTrue(
        found.isPresent(),
        "No Chromium on the PATH, so the report is not looked at in a browser. On Debian: apt-get"
            + " install chromium.");
    browser = found.get();
    report = folder.resolve("report.html");
    HtmlReport.write(RecordedRuns.busyPoll(), report);
  }

  @Test
  void rendersWithoutAWordOnTheConsole() throws Exception {
    Browser.Page page = browser.open(report);

    assertThat(page.dom()).contains("<h1>orders &lt;eu&gt;</h1>").endsWith("</html>\n");
    assertThat(page.dom().split("<svg", -1)).hasSize(1 + 5);
    assertThat(page.console()).isEmpty();
  }

  @Test
  void theConsoleIsHeard() throws Exception {
    Files.writeString(
        report,
        Files.readString(report).replace("<main>", "<main><img src=\"https://localhost/x.png\">"));

    assertThat(browser.open(report).console()).isNotEmpty();
  }

  @Test
  void looksLikeSomethingInLightAndInDark() throws Exception {
    Path light = folder.resolve("light.png");
    Path dark = folder.resolve("dark.png");

    browser.screenshot(report, light);
    browser.screenshot(report, dark, "--blink-settings=preferredColorScheme=0");

    BufferedImage lightImage = ImageIO.read(light.toFile());
    BufferedImage darkImage = ImageIO.read(dark.toFile());
    assertThat(colors(lightImage)).hasSizeGreaterThan(50);
    assertThat(colors(darkImage)).hasSizeGreaterThan(50);
    assertThat(brightness(lightImage.getRGB(3, 3))).isGreaterThan(200);
    assertThat(brightness(darkImage.getRGB(3, 3))).isLessThan(60);
  }

  private static Set<Integer> colors(BufferedImage image) {
    Set<Integer> colors = new HashSet<>();
    for (int y = 0; y < image.getHeight(); y += 2) {
      for (int x = 0; x < image.getWidth(); x += 2) {
        colors.add(image.getRGB(x, y));
      }
    }
    return colors;
  }

  private static int brightness(int rgb) {
    return ((rgb >> 16 & 0xFF) + (rgb >> 8 & 0xFF) + (rgb & 0xFF)) / 3;
  }
}
