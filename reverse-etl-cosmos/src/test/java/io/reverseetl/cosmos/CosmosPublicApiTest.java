package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.PublicApi;
import org.junit.jupiter.api.Test;

class CosmosPublicApiTest {
  @Test
  void changesOfTheApiAreDecidedOn() throws Exception {
    assertThat(PublicApi.changesOf("reverse-etl-cosmos"))
        .as(PublicApi.advice("reverse-etl-cosmos", "CosmosPublicApiTest"))
        .isEmpty();
  }
}
