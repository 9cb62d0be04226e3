package io.reverseetl.cosmos.emulator;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Checks the master key signature of requests. Thread-safe. */
final class RequestAuthenticator {
  private static final String ALGORITHM = "HmacSHA256";

  private volatile Mac prototype;
  private volatile String key;

  RequestAuthenticator(String key) {
    key(key);
  }

  String key() {
    return key;
  }

  /** From the next request on only this key is accepted. */
  void key(String base64) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(Base64.getDecoder().decode(base64), ALGORITHM));
      prototype = mac;
      key = base64;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has " + ALGORITHM, e);
    } catch (InvalidKeyException | IllegalArgumentException e) {
      throw new IllegalArgumentException("The key must be base64", e);
    }
  }

  void check(HttpRequest request, ResourcePath path) {
    String header = request.header("authorization");
    if (header == null) {
      throw new CosmosError(401, 0, "Required Header authorization is missing.");
    }
    String token = ResourcePath.decode(header);
    int signatureAt = token.indexOf("&sig=");
    if (!token.startsWith("type=master&ver=1.0") || signatureAt < 0) {
      throw new CosmosError(401, 0, "The authorization token is not a master key signature.");
    }
    byte[] given = token.substring(signatureAt + 5).getBytes(StandardCharsets.US_ASCII);
    String start = request.method().toLowerCase(Locale.ROOT) + "\n" + segment(path) + "\n";
    String end =
        "\n" + lower(request.header("x-ms-date")) + "\n" + lower(request.header("date")) + "\n";
    for (String resource : resources(request.path(), path)) {
      String expected = sign(start + resource + end);
      if (MessageDigest.isEqual(given, expected.getBytes(StandardCharsets.US_ASCII))) {
        return;
      }
    }
    throw new CosmosError(
        401,
        0,
        "The input authorization token can't serve the request. The wrong key is being used or the"
            + " expected payload is not built as per the protocol.");
  }

  private String sign(String text) {
    try {
      Mac mac = (Mac) prototype.clone();
      return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("The JDK's " + ALGORITHM + " can be cloned", e);
    }
  }

  private static String lower(String value) {
    return value == null ? "" : value.toLowerCase(Locale.ROOT);
  }

  private static String segment(ResourcePath path) {
    return switch (path.kind()) {
      case DATABASES, DATABASE -> "dbs";
      case CONTAINERS, CONTAINER, PARTITION_KEY_DELETE -> "colls";
      case DOCUMENTS, DOCUMENT -> "docs";
      case PARTITION_KEY_RANGES -> "pkranges";
      case OFFERS, OFFER -> "offers";
      default -> "";
    };
  }

  /** The texts that may have been signed: the resource or its owner, by name or by rid. */
  private static Set<String> resources(String rawPath, ResourcePath path) {
    String raw =
        rawPath.substring(
            1, rawPath.endsWith("/") ? Math.max(1, rawPath.length() - 1) : rawPath.length());
    Set<String> candidates = new LinkedHashSet<>();
    switch (path.kind()) {
      case ACCOUNT, OFFERS, DATABASES -> candidates.add("");
      case OFFER -> candidates.add(path.id().toLowerCase(Locale.ROOT));
      case DATABASE -> {
        candidates.add(ResourcePath.decode(raw));
        candidates.add(path.database().toLowerCase(Locale.ROOT));
      }
      case CONTAINERS -> {
        candidates.add(ResourcePath.decode(owner(raw, 1)));
        candidates.add(path.database().toLowerCase(Locale.ROOT));
      }
      case CONTAINER -> {
        candidates.add(ResourcePath.decode(raw));
        candidates.add(path.container().toLowerCase(Locale.ROOT));
      }
      case DOCUMENTS, PARTITION_KEY_RANGES -> {
        candidates.add(ResourcePath.decode(owner(raw, 1)));
        candidates.add(path.container().toLowerCase(Locale.ROOT));
      }
      case PARTITION_KEY_DELETE -> candidates.add(ResourcePath.decode(owner(raw, 2)));
      default -> {
        candidates.add(ResourcePath.decode(raw));
        candidates.add(raw);
      }
    }
    return candidates;
  }

  private static String owner(String path, int levels) {
    String owner = path;
    for (int i = 0; i < levels; i++) {
      owner = owner.substring(0, owner.lastIndexOf('/'));
    }
    return owner;
  }
}
