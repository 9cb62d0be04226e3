package io.reverseetl.spark;

import io.reverseetl.cosmos.emulator.CosmosEmulator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store.CloseableResource;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Spark with a master and two workers in this JVM, and two executor processes of one core each, for
 * all test classes; and an emulated account, which executors reach as this JVM does.
 */
final class SparkCluster implements BeforeAllCallback, ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(SparkCluster.class);

  /** One for the JVM, as Spark allows one context. */
  record Running(SparkContext spark, CosmosEmulator emulator, Executors executors)
      implements CloseableResource {
    static Running start() {
      // The client talks plain HTTP to the emulator; it reads these once.
      System.setProperty("COSMOS.HTTP_CONNECTION_WITHOUT_TLS_ALLOWED", "true");
      System.setProperty("COSMOS.DISABLE_IMDS_ACCESS", "true");
      SparkConf conf = new SparkConf(false).setAppName("tests");
      settings().forEach(conf::set);
      SparkContext spark = new SparkContext(conf);
      Executors executors = new Executors();
      spark.addSparkListener(executors);
      return new Running(spark, CosmosEmulator.builder().partitions(2).start(), executors);
    }

    @Override
    public void close() {
      spark.stop();
      emulator.close();
    }
  }

  /** What makes such a cluster, here and in the processes of drivers. */
  static Map<String, String> settings() {
    try {
      // Without it Spark does not find its own classes, which are on the class path here.
      Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return Map.ofEntries(
        Map.entry("spark.master", "local-cluster[2,1,1024]"),
        Map.entry("spark.executor.memory", "512m"),
        Map.entry("spark.executor.extraClassPath", System.getProperty("java.class.path")),
        Map.entry(
            "spark.executor.extraJavaOptions",
            "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
                + " -DCOSMOS.HTTP_CONNECTION_WITHOUT_TLS_ALLOWED=true"
                + " -DCOSMOS.DISABLE_IMDS_ACCESS=true"),
        // Begin when both executors are there.
        Map.entry("spark.scheduler.minRegisteredResourcesRatio", "1.0"),
        Map.entry("spark.scheduler.maxRegisteredResourcesWaitingTime", "120s"),
        Map.entry("spark.driver.host", "127.0.0.1"),
        Map.entry("spark.driver.bindAddress", "127.0.0.1"),
        Map.entry("spark.ui.enabled", "false"),
        Map.entry("spark.local.dir", Path.of(System.getenv("SPARK_HOME"), "local").toString()));
  }

  private static Running running(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(Running.class, key -> Running.start(), Running.class);
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    running(context);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Running.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return running(context);
  }
}
