package io.reverseetl.springboot;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;

/** A service that keeps a container of Cosmos DB up to date with a Delta table. */
@SpringBootApplication
@EnableConfigurationProperties(ReverseEtlProperties.class)
public class ReverseEtlApplication {

  /**
   * Starts the service.
   *
   * @param args properties as {@code --name=value}
   */
  public static void main(String[] args) {
    SpringApplication.run(ReverseEtlApplication.class, args);
  }
}
