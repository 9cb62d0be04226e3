package io.reverseetl.cosmos.emulator;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.atomic.AtomicLong;

/** Takes a request through faults, authentication, the right handler and the call log. */
final class RequestHandler {
  private final AccountStore account;
  private final RequestAuthenticator authenticator;
  private final Faults faults;
  private final CallLog calls;
  private final AccountHandler accountHandler;
  private final ItemHandler items;
  private final BatchHandler batches;
  private final QueryHandler queries = new QueryHandler();
  private final ChangeFeedHandler changeFeed = new ChangeFeedHandler();
  private final AtomicLong activities = new AtomicLong();
  private volatile String endpoint;

  RequestHandler(
      AccountStore account, RequestAuthenticator authenticator, Faults faults, CallLog calls) {
    this.account = account;
    this.authenticator = authenticator;
    this.faults = faults;
    this.calls = calls;
    this.accountHandler = new AccountHandler(account);
    this.items = new ItemHandler(account);
    this.batches = new BatchHandler(account, faults);
  }

  ItemHandler items() {
    return items;
  }

  /** The address that the account document gives to clients. */
  void endpoint(String uri) {
    endpoint = uri;
  }

  HttpResponse handle(HttpRequest http) {
    EmulatorRequest request = new EmulatorRequest(http);
    HttpResponse response = answer(request);
    if (response.isSent()) {
      response.header(
          "x-ms-activity-id",
          String.format("00000000-0000-0000-0000-%012x", activities.incrementAndGet()));
      if (response.header("x-ms-request-charge") == null) {
        response.header("x-ms-request-charge", "0.00");
      }
    }
    calls.record(request, response);
    return response;
  }

  private HttpResponse answer(EmulatorRequest request) {
    FaultRule fault = faults.forRequest(request);
    if (fault == null) {
      return apply(request);
    }
    if (fault.isAfterApply()) {
      HttpResponse genuine = apply(request);
      fault.pause();
      return fault.answer(genuine);
    }
    fault.pause();
    HttpResponse injected = fault.answer(null);
    return injected == null ? apply(request) : injected;
  }

  private HttpResponse apply(EmulatorRequest request) {
    try {
      authenticator.check(request.http(), request.resource());
      return route(request);
    } catch (CosmosError e) {
      return HttpResponse.of(e);
    } catch (RuntimeException e) {
      // A defect of the emulator: the whole stack trace goes to whoever debugs the test.
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      return HttpResponse.of(new CosmosError(500, 0, "Emulator defect: " + trace));
    }
  }

  private HttpResponse route(EmulatorRequest request) {
    return switch (request.resource().kind()) {
      case ACCOUNT -> accountHandler.readAccount(endpoint);
      case DATABASES, DATABASE -> accountHandler.databases(request);
      case CONTAINERS, CONTAINER -> accountHandler.containers(request);
      case OFFERS, OFFER -> accountHandler.offers(request);
      default -> inContainer(request);
    };
  }

  private HttpResponse inContainer(EmulatorRequest request) {
    if (request.operation() == EmulatorOperation.UNSUPPORTED) {
      throw CosmosError.badRequest(
          "The emulator does not know " + request.method() + " " + request.path() + ".");
    }
    ContainerStore container;
    try {
      container = account.container(request.resource().database(), request.resource().container());
    } catch (CosmosError e) {
      throw new CosmosError(404, 1003, e.getMessage());
    }
    checkContainerRid(request, container);
    return switch (request.operation()) {
      case READ_PARTITION_KEY_RANGES -> accountHandler.partitionKeyRanges(request);
      case DELETE_BY_PARTITION_KEY -> items.deleteByPartitionKey(request, container);
      case BULK_BATCH, TRANSACTIONAL_BATCH -> batches.handle(request, container);
      case QUERY_PLAN -> queries.plan(request);
      case QUERY -> queries.query(request, container);
      case READ_FEED -> queries.feed(request, container);
      case CHANGE_FEED -> changeFeed.read(request, container);
      default -> items.handle(request, container);
    };
  }

  /** A client that still means a deleted container of the same name is told to look again. */
  private static void checkContainerRid(EmulatorRequest request, ContainerStore container) {
    String intended = request.header("x-ms-cosmos-intended-collection-rid");
    if (intended != null && !intended.isEmpty() && !intended.equals(container.rid())) {
      throw new CosmosError(400, 1024, "Collection rid mismatch: the container was made anew.");
    }
  }
}
