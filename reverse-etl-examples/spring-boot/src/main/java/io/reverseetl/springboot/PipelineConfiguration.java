package io.reverseetl.springboot;

import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosAsyncDatabase;
import com.azure.cosmos.CosmosClientBuilder;
import com.azure.identity.DefaultAzureCredentialBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import io.reverseetl.CdcPoller;
import io.reverseetl.Pipeline;
import io.reverseetl.PipelineListener;
import io.reverseetl.cosmos.CosmosCheckpointStore;
import io.reverseetl.cosmos.CosmosDeadLetterSink;
import io.reverseetl.cosmos.CosmosDocumentSink;
import io.reverseetl.delta.DeltaTableSource;
import io.reverseetl.document.DeadLetterSink;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.metrics.PipelineMetrics;
import io.reverseetl.ratelimit.Resilience4jRateLimiter;
import java.time.InstantSource;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The pipeline's parts as beans. Spring closes them after the lifecycle has ended its work. */
@Configuration(proxyBeanMethods = false)
class PipelineConfiguration {

  @Bean(destroyMethod = "close")
  DeltaTableSource table(ReverseEtlProperties properties) {
    return DeltaTableSource.open(properties.tableUri());
  }

  /** One for the whole service. */
  @Bean(destroyMethod = "close")
  CosmosAsyncClient cosmosClient(ReverseEtlProperties properties) {
    String endpoint = properties.cosmos().account().toString();
    CosmosClientBuilder builder =
        new CosmosClientBuilder().endpoint(endpoint).contentResponseOnWriteEnabled(false);
    Optional.ofNullable(properties.cosmos().key())
        .ifPresentOrElse(
            builder::key, () -> builder.credential(new DefaultAzureCredentialBuilder().build()));
    if (endpoint.startsWith("http://")) { // an emulator
      builder.gatewayMode();
    }
    return builder.buildAsyncClient();
  }

  @Bean(destroyMethod = "close")
  @ConditionalOnProperty("reverse-etl.cosmos.dead-letters")
  DeadLetterSink deadLetters(ReverseEtlProperties properties, CosmosAsyncClient client) {
    return CosmosDeadLetterSink.of(
        client
            .getDatabase(properties.cosmos().databaseName())
            .getContainer(Optional.ofNullable(properties.cosmos().deadLetters()).orElseThrow()));
  }

  @Bean
  PipelineActivity pipelineActivity() {
    return new PipelineActivity(InstantSource.system());
  }

  /** A listener, so the pipeline finds it below. */
  @Bean(destroyMethod = "close")
  PipelineMetrics pipelineMetrics(ReverseEtlProperties properties, MeterRegistry registry) {
    return PipelineMetrics.of(properties.pipeline(), registry);
  }

  @Bean
  Pipeline pipeline(
      ReverseEtlProperties properties,
      DeltaTableSource table,
      CosmosAsyncClient client,
      ObjectProvider<DeadLetterSink> deadLetters,
      ObjectProvider<PipelineListener> listeners) {
    CosmosAsyncDatabase database = client.getDatabase(properties.cosmos().databaseName());
    Pipeline.Builder parts =
        Pipeline.builder(properties.pipeline())
            .source(table)
            .mapper(
                ColumnMapper.builder()
                    .id(properties.id().toArray(String[]::new))
                    .partitionKey(properties.partitionKey().toArray(String[]::new))
                    .build())
            .sink(CosmosDocumentSink.of(database.getContainer(properties.cosmos().containerName())))
            .checkpoints(
                CosmosCheckpointStore.of(
                    database.getContainer(properties.cosmos().checkpointsName())));
    Optional.ofNullable(properties.requestUnitsPerSecond())
        .ifPresent(most -> parts.rateLimiter(Resilience4jRateLimiter.requestUnitsPerSecond(most)));
    deadLetters.ifAvailable(parts::deadLetters);
    listeners.orderedStream().forEach(parts::listener);
    return parts.build();
  }

  @Bean
  PipelineLifecycle pipelineLifecycle(
      ReverseEtlProperties properties, Pipeline pipeline, PipelineActivity activity) {
    return new PipelineLifecycle(
        pipeline,
        properties.initialVersion(),
        CdcPoller.builder(pipeline).interval(properties.interval()).build(),
        activity,
        properties.retryPause());
  }

  @Bean
  PipelineHealthIndicator reverseEtlHealthIndicator(
      ReverseEtlProperties properties, PipelineActivity activity) {
    return new PipelineHealthIndicator(activity, properties.maxLag(), InstantSource.system());
  }
}
