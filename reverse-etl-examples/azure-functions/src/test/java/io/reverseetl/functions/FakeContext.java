package io.reverseetl.functions;

import com.microsoft.azure.functions.ExecutionContext;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What the host gives to an invocation; remembers what was logged. */
final class FakeContext implements ExecutionContext {
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Logger logger = Logger.getAnonymousLogger();

  FakeContext() {
    logger.setUseParentHandlers(false);
    logger.addHandler(
        new Handler() {
          @Override
          public void publish(LogRecord line) {
            lines.add(line.getMessage());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        });
  }

  List<String> lines() {
    return lines;
  }

  @Override
  public Logger getLogger() {
    return logger;
  }

  @Override
  public String getInvocationId() {
    return "1";
  }

  @Override
  public String getFunctionName() {
    return "tested";
  }
}
