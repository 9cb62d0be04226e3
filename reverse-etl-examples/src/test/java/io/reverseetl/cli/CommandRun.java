package io.reverseetl.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** What a command printed and returned, run inside the test's process. */
record CommandRun(int exitCode, String out, String err) {

  static CommandRun of(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine commandLine = ReverseEtl.commandLine();
    PrintWriter outWriter = new PrintWriter(out);
    PrintWriter errWriter = new PrintWriter(err);
    commandLine.setOut(outWriter);
    commandLine.setErr(errWriter);
    int exitCode = commandLine.execute(args);
    outWriter.flush();
    errWriter.flush();
    return new CommandRun(exitCode, out.toString(), err.toString());
  }
}
