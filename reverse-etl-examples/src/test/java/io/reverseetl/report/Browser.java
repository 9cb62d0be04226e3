package io.reverseetl.report;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Chromium without a window, if this machine has it. */
final class Browser {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");

  /**
   * What a browser made of a page.
   *
   * @param dom the document as it stands after loading
   * @param log what the browser said, its console included
   */
  record Page(String dom, String log) {
    /** Lines that the page wrote to the console, for example errors of the security policy. */
    List<String> console() {
      return log.lines().filter(line -> line.contains(":CONSOLE")).toList();
    }
  }

  private final Path program;
  private final Path folder;

  private Browser(Path program, Path folder) {
    this.program = program;
    this.folder = folder;
  }

  static Optional<Browser> find(Path folder) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Arrays.stream(path.split(File.pathSeparator))
        .flatMap(place -> NAMES.stream().map(name -> Path.of(place, name)))
        .filter(Files::isExecutable)
        .findFirst()
        .map(program -> new Browser(program, folder));
  }

  /** Opens a file, and gives its document. */
  Page open(Path html) throws IOException, InterruptedException {
    return run(html, "--dump-dom");
  }

  /** Takes a picture of a file. */
  void screenshot(Path html, Path png, String... more) throws IOException, InterruptedException {
    List<String> options = new ArrayList<>(List.of(more));
    options.add("--screenshot=" + png);
    options.add("--window-size=1280,1900");
    run(html, options.toArray(String[]::new));
  }

  private Page run(Path html, String... options) throws IOException, InterruptedException {
    Path dom = Files.createTempFile(folder, "dom", ".html");
    Path log = Files.createTempFile(folder, "browser", ".log");
    List<String> command =
        new ArrayList<>(
            List.of(
                program.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--hide-scrollbars",
                "--enable-logging=stderr",
                "--user-data-dir=" + Files.createTempDirectory(folder, "profile")));
    command.addAll(List.of(options));
    command.add(html.toUri().toString());
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(dom.toFile())
            .redirectError(log.toFile())
            .start();
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      process.destroyForcibly().waitFor();
      throw new IOException("The browser did not end: " + Files.readString(log));
    }
    return new Page(
        Files.readString(dom), new String(Files.readAllBytes(log), StandardCharsets.ISO_8859_1));
  }
}
