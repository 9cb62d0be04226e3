package io.reverseetl.bench;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** What a benchmark printed and returned, run inside the test's process. */
record BenchRun(int exitCode, String out, String err) {

  static BenchRun of(CommandLine commandLine, String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    int exitCode = commandLine.execute(args);
    return new BenchRun(exitCode, out.toString(), err.toString());
  }
}
