package io.reverseetl.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AzurePathTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "abfss://lake@acme.dfs.core.windows.net/gold/a b",
        "abfs://lake@acme.dfs.core.windows.net//gold/a b/",
        "ABFSS://lake@ACME.dfs.core.windows.net:443/gold/a b",
        "wasbs://lake@acme.blob.core.windows.net/gold/a b",
        "wasb://lake@acme.blob.core.windows.net/gold/a b",
        "https://acme.dfs.core.windows.net/lake/gold/a%20b",
        "https://acme.blob.core.windows.net/lake/gold/a%20b/",
      })
  void knowsTheSameTableByAllItsUris(String uri) {
    AzurePath path = AzurePath.parse(uri, Map.of());

    assertThat(path).hasToString("abfss://lake@acme.dfs.core.windows.net/gold/a b");
    assertThat(path.blobEndpoint()).isEqualTo("https://acme.blob.core.windows.net");
    assertThat(AzurePath.parse(path.toString(), Map.of())).isEqualTo(path);
  }

  @ParameterizedTest
  @CsvSource({
    "abfss://Sales@onelake.dfs.fabric.microsoft.com/Shop.Lakehouse/Tables/orders, Sales",
    "abfss://My%20Sales@onelake.dfs.fabric.microsoft.com/Shop.Lakehouse/Tables/orders, My Sales",
    "https://onelake.dfs.fabric.microsoft.com/My%20Sales/Shop.Lakehouse/Tables/orders, My Sales",
    "https://onelake.blob.fabric.microsoft.com/Sales/Shop.Lakehouse/Tables/orders, Sales",
    "abfss://11111111-2222-3333-4444-555555555555@onelake.dfs.fabric.microsoft.com/"
        + "66666666-7777-8888-9999-000000000000/Tables/orders,"
        + " 11111111-2222-3333-4444-555555555555",
  })
  void knowsWorkspacesAndItemsOfOneLake(String uri, String workspace) {
    AzurePath path = AzurePath.parse(uri, Map.of());

    assertThat(path.container()).isEqualTo(workspace);
    assertThat(path.path()).endsWith("/Tables/orders");
    assertThat(path.blobEndpoint()).isEqualTo("https://onelake.blob.fabric.microsoft.com");
    assertThat(AzurePath.parse(path.toString(), Map.of())).isEqualTo(path);
  }

  @ParameterizedTest
  @CsvSource({
    "abfss://c@a.dfs.core.usgovcloudapi.net/t, https://a.blob.core.usgovcloudapi.net",
    "abfss://c@a.z11.dfs.storage.azure.net/t, https://a.z11.blob.storage.azure.net",
    "abfss://c@a.privatelink.dfs.core.windows.net/t,"
        + " https://a.privatelink.blob.core.windows.net",
  })
  void knowsOtherClouds(String uri, String endpoint) {
    assertThat(AzurePath.parse(uri, Map.of()).blobEndpoint()).isEqualTo(endpoint);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "abfss://lake@acme.dfs.core.windows.net.evil.example/t",
        "abfss://lake@acme.dfs.evil.example/t",
        "https://evil.example/lake/t",
        "http://acme.blob.core.windows.net/lake/t",
        "s3a://bucket/t",
        "/a/path",
        "abfss://acme.dfs.core.windows.net/t",
        "https://user:secret@acme.blob.core.windows.net/lake/t",
      })
  void refusesHostsThatAreNotAzures(String uri) {
    assertThatThrownBy(() -> AzurePath.parse(uri, Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("abfss://CONTAINER@ACCOUNT");
  }

  @Test
  void refusesASignatureInTheUriWithoutRepeatingIt() {
    assertThatThrownBy(
            () ->
                AzurePath.parse(
                    "https://acme.blob.core.windows.net/lake/t?sv=2025&sig=abcdef", Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("withSas")
        .hasMessageNotContaining("abcdef");
  }

  @Test
  void findsTablesByTheEndpointOfAnAccount() {
    Map<String, String> endpoints = Map.of("dev", "http://127.0.0.1:10000/dev");

    assertThat(AzurePath.parse("http://127.0.0.1:10000/dev/lake/a%20b", endpoints))
        .hasToString("abfss://lake@dev.dfs.core.windows.net/a b");
    assertThat(AzurePath.parse("abfss://lake@dev.anything.example/t", endpoints).account())
        .isEqualTo("dev");
  }
}
