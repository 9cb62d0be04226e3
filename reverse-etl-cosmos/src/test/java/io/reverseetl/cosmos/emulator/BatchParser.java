package io.reverseetl.cosmos.emulator;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Reads the operations of a batch body, every document in the same pass. */
final class BatchParser {
  static final int MAX_OPERATIONS = 100;

  /** The service's limit of one request. */
  static final int MAX_BODY_BYTES = 2 * 1024 * 1024;

  private BatchParser() {}

  static List<ItemOperation> parse(byte[] body, DocumentScanner scanner, boolean minimalReturn) {
    if (body.length > MAX_BODY_BYTES) {
      throw CosmosError.tooLarge(body.length + " bytes in one batch.");
    }
    List<ItemOperation> operations = new ArrayList<>(MAX_OPERATIONS);
    try (JsonParser parser = Json.parser(body)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw CosmosError.badRequest("A batch must be a JSON array.");
      }
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
          throw CosmosError.badRequest("A batch operation must be a JSON object.");
        }
        if (operations.size() == MAX_OPERATIONS) {
          throw CosmosError.badRequest(
              "Batch request has more operations than what is supported: " + MAX_OPERATIONS + ".");
        }
        operations.add(operation(parser, body, scanner, minimalReturn));
      }
      if (parser.nextToken() != null) {
        throw CosmosError.badRequest("There is more after the batch's end.");
      }
    } catch (IOException e) {
      throw CosmosError.badRequest("The batch is not valid JSON: " + Json.shortMessage(e));
    }
    if (operations.isEmpty()) {
      throw CosmosError.badRequest("Batch request has no operations.");
    }
    return operations;
  }

  private static ItemOperation operation(
      JsonParser parser, byte[] body, DocumentScanner scanner, boolean minimalReturn)
      throws IOException {
    ItemOperation operation = new ItemOperation();
    operation.minimalReturn = minimalReturn;
    ScannedDocument document = null;
    byte[] resource = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (name) {
        case "operationType" -> operation.kind = kind(parser.getText());
        case "partitionKey" -> operation.key = PartitionKeyValue.parse(parser.getText());
        case "id" -> operation.id = parser.getText();
        case "ifMatch" -> operation.ifMatch = parser.getText();
        case "ifNoneMatch" -> operation.ifNoneMatch = parser.getText();
        case "minimalReturnPreference" -> operation.minimalReturn |= parser.getBooleanValue();
        case "resourceBody" -> {
          if (value != JsonToken.START_OBJECT) {
            throw CosmosError.badRequest("A resourceBody must be a JSON object.");
          }
          int start = (int) parser.currentTokenLocation().getByteOffset();
          if (operation.kind == ItemOperation.Kind.PATCH) {
            parser.skipChildren();
          } else {
            document = scan(parser, scanner, operation);
          }
          int end = (int) parser.currentLocation().getByteOffset();
          resource = Arrays.copyOfRange(body, start, end);
        }
        default -> parser.skipChildren();
      }
    }
    if (operation.kind == null) {
      throw CosmosError.badRequest("A batch operation has no operationType.");
    }
    if (operation.carriesDocument()) {
      operation.document = document;
      operation.body = resource;
    } else if (operation.kind == ItemOperation.Kind.PATCH) {
      operation.patch = resource == null ? Json.object() : readPatch(resource);
    }
    return operation;
  }

  /** A document that breaks a rule spoils its own operation, not the others of the batch. */
  private static ScannedDocument scan(
      JsonParser parser, DocumentScanner scanner, ItemOperation operation) throws IOException {
    int outer = parser.getParsingContext().getNestingDepth();
    try {
      return scanner.scan(parser);
    } catch (CosmosError e) {
      operation.malformed = e;
      // Skip the rest of the document.
      while (parser.currentToken() != null
          && parser.getParsingContext().getNestingDepth() >= outer) {
        parser.nextToken();
      }
      return null;
    }
  }

  private static ObjectNode readPatch(byte[] resource) {
    return Json.readObject(resource);
  }

  private static ItemOperation.Kind kind(String type) {
    try {
      return ItemOperation.Kind.valueOf(type.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw CosmosError.badRequest("Unknown operationType " + type + ".");
    }
  }
}
