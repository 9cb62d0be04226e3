package io.reverseetl.azure;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file or folder in Azure storage, whichever way its URI was written.
 *
 * @param host the account's host in the form of ADLS Gen2, {@code acme.dfs.core.windows.net}
 * @param container the container, or OneLake's workspace, as it is called
 * @param path the path in it, without slashes around it; empty for the root
 */
record AzurePath(String host, String container, String path) {
  private static final Pattern IN_AUTHORITY =
      Pattern.compile("(?:abfss?|wasbs?)://([^/@]+)@([^/@:]+)(?::443)?(/.*)?", Pattern.DOTALL);
  private static final Pattern IN_PATH =
      Pattern.compile("https://([^/@:]+)(?::443)?/([^/]+)(/.*)?", Pattern.DOTALL);
  private static final Pattern SCHEME = Pattern.compile("^[A-Za-z]+(?=://)");
  private static final List<String> CLOUDS =
      List.of(
          ".core.windows.net",
          ".core.usgovcloudapi.net",
          ".core.chinacloudapi.cn",
          ".storage.azure.net",
          ".fabric.microsoft.com");

  private static final String FORMS =
      " Tables in Azure are written as abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/PATH or"
          + " https://ACCOUNT.blob.core.windows.net/CONTAINER/PATH, in OneLake as"
          + " abfss://WORKSPACE@onelake.dfs.fabric.microsoft.com/ITEM/Tables/NAME.";

  /**
   * Reads a URI.
   *
   * @param endpoints the endpoints of accounts that are not where Azure says, by account
   * @throws IllegalArgumentException if it is none of Azure storage
   */
  static AzurePath parse(String uri, Map<String, String> endpoints) {
    for (Map.Entry<String, String> endpoint : endpoints.entrySet()) {
      if (uri.startsWith(endpoint.getValue() + "/")) {
        String rest = uri.substring(endpoint.getValue().length() + 1);
        checkNoQuery(rest);
        int end = rest.indexOf('/');
        return of(
            endpoint.getKey() + ".dfs.core.windows.net",
            end < 0 ? rest : rest.substring(0, end),
            end < 0 ? "" : decode(rest.substring(end)));
      }
    }
    Matcher scheme = SCHEME.matcher(uri);
    String lower =
        scheme.find() ? scheme.group().toLowerCase(Locale.ROOT) + uri.substring(scheme.end()) : uri;
    Matcher inAuthority = IN_AUTHORITY.matcher(lower);
    AzurePath found;
    if (inAuthority.matches()) {
      String path = inAuthority.group(3);
      found = of(inAuthority.group(2), inAuthority.group(1), path == null ? "" : path);
    } else {
      Matcher inPath = IN_PATH.matcher(lower);
      if (!inPath.matches()) {
        throw new IllegalArgumentException("This is no URI of Azure storage." + FORMS);
      }
      String path = inPath.group(3);
      checkNoQuery(lower);
      found = of(inPath.group(1), inPath.group(2), path == null ? "" : decode(path));
    }
    if (!endpoints.containsKey(found.account())) {
      found.checkHost();
    }
    return found;
  }

  /** Where a signature would be; of an abfss URI a question mark is part of a name. */
  private static void checkNoQuery(String uri) {
    if (uri.indexOf('?') >= 0) {
      throw new IllegalArgumentException(
          "A table's URI has no query: it is stored and shown. Give a shared access signature with"
              + " AzureLakeStorage.withSas instead.");
    }
  }

  private static AzurePath of(String host, String container, String path) {
    List<String> segments = new ArrayList<>();
    for (String segment : path.split("/", -1)) {
      if (!segment.isEmpty()) {
        segments.add(segment);
      }
    }
    return new AzurePath(
        host.toLowerCase(Locale.ROOT).replaceFirst("\\.blob\\.", ".dfs."),
        decode(container),
        String.join("/", segments));
  }

  /** A token must not be sent to a host that only looks like Azure's. */
  private void checkHost() {
    if (!host.contains(".dfs.") || CLOUDS.stream().noneMatch(host::endsWith)) {
      throw new IllegalArgumentException(
          "The host \""
              + host
              + "\" is none of Azure storage. For a host of your own, name the account's endpoint"
              + " in AzureLakeStorage.builder()."
              + FORMS);
    }
  }

  /** The name of the account; {@code onelake} for all of OneLake. */
  String account() {
    int dot = host.indexOf('.');
    return dot < 0 ? host : host.substring(0, dot);
  }

  /** Where the Blob service of the account is. */
  String blobEndpoint() {
    return "https://" + host.replaceFirst("\\.dfs\\.", ".blob.");
  }

  /** Another file in the same container. */
  AzurePath withPath(String other) {
    return new AzurePath(host, container, other);
  }

  /** The folder that it is in, with a slash at the end; empty at the root. */
  String folder() {
    return path.substring(0, path.lastIndexOf('/') + 1);
  }

  String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** The one form of its URI. */
  @Override
  public String toString() {
    return "abfss://" + encode(container) + "@" + host + (path.isEmpty() ? "" : "/" + path);
  }

  private static String encode(String name) {
    StringBuilder out = new StringBuilder();
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      if (c < 128 && (Character.isLetterOrDigit(c) || "-._~$".indexOf(c) >= 0)) {
        out.append(c);
      } else {
        out.append('%').append(String.format(Locale.ROOT, "%02X", (int) c));
      }
    }
    return out.toString();
  }

  /** Percent-decodes; a plus stays a plus. */
  private static String decode(String encoded) {
    if (encoded.indexOf('%') < 0) {
      return encoded;
    }
    try {
      return java.net.URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("The URI has a percent sign that encodes nothing.", e);
    }
  }
}
