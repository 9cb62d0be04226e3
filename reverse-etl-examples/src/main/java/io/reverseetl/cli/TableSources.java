package io.reverseetl.cli;

import com.azure.identity.DefaultAzureCredentialBuilder;
import io.reverseetl.azure.AzureLakeStorage;
import io.reverseetl.delta.DeltaTableSource;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Opens tables wherever they are. */
final class TableSources {
  private static final Pattern AZURE =
      Pattern.compile(
          "(?i)(?:(?:abfss?|wasbs?)://[^/@]+@|https://)([^./:]+)[^/]*(?:/.*)?", Pattern.DOTALL);
  private static final String KEY = "AZURE_STORAGE_KEY";
  private static final String SIGNATURE = "AZURE_STORAGE_SAS_TOKEN";
  private static final String ENDPOINT = "AZURE_STORAGE_SERVICE_ENDPOINT";

  private TableSources() {}

  /**
   * Opens a table; one in Azure with what the environment holds.
   *
   * @param commandLine is told if the URI is none
   */
  static DeltaTableSource open(
      CommandLine commandLine, String table, boolean allowFilesOutsideTable) {
    try {
      DeltaTableSource.Builder source =
          DeltaTableSource.builder(table).allowFilesOutsideTable(allowFilesOutsideTable);
      Matcher azure = AZURE.matcher(table);
      if (azure.matches()) {
        source.storage(storage(azure.group(1), System.getenv()));
      }
      return source.build();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(commandLine, "--table: " + e.getMessage(), e);
    }
  }

  /** With the key of the environment, else its signature, else the identity that Entra ID gives. */
  static AzureLakeStorage storage(String account, Map<String, String> environment) {
    AzureLakeStorage.Builder storage = AzureLakeStorage.builder();
    String endpoint = given(environment.get(ENDPOINT));
    if (endpoint != null) {
      storage.endpoint(account, endpoint);
    }
    String key = given(environment.get(KEY));
    String signature = given(environment.get(SIGNATURE));
    if (key != null) {
      storage.accountKey(account, key);
    } else if (signature != null) {
      storage.sas(account, signature);
    } else {
      storage.credential(new DefaultAzureCredentialBuilder().build());
    }
    return storage.build();
  }

  private static @Nullable String given(@Nullable String value) {
    return value == null || value.isBlank() ? null : value.strip();
  }
}
