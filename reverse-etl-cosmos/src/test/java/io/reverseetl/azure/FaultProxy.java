package io.reverseetl.azure;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * Stands between a client and a storage on this machine: notes the requests, and answers some of
 * them late, wrongly or not at all. Its own latency aside it changes nothing.
 */
public final class FaultProxy implements AutoCloseable {
  private static final Set<String> OWN_HEADERS =
      Set.of("host", "connection", "content-length", "transfer-encoding", "expect", "upgrade");

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpClient client = HttpClient.newHttpClient();
  private final URI target;
  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private final List<Fault> faults = new CopyOnWriteArrayList<>();
  private volatile Duration latency = Duration.ZERO;

  /** A request that came. */
  public record Call(String method, String uri, String range, int status) {
    /** Whether it lists a folder. */
    public boolean isListing() {
      return uri.contains("comp=list");
    }

    /** Whether it reads bytes of a file. */
    public boolean isRead() {
      return method.equals("GET") && !isListing();
    }

    /** Whether it is about a file whose path ends so. */
    public boolean isOf(String suffix) {
      return uri.split("\\?", 2)[0].endsWith(suffix);
    }
  }

  /** What to do with some requests. */
  private record Fault(Predicate<Call> of, AtomicInteger left, Action action) {}

  private interface Action {
    /** Answers, or gives false to let the request pass. */
    boolean answer(HttpExchange exchange, FaultProxy proxy) throws IOException;
  }

  private FaultProxy(HttpServer server, URI target) {
    this.server = server;
    this.target = target;
  }

  /**
   * Begins to listen.
   *
   * @param target the endpoint of the storage
   */
  public static FaultProxy before(String target) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      FaultProxy proxy = new FaultProxy(server, URI.create(target));
      server.createContext("/", proxy::serve);
      server.setExecutor(proxy.threads);
      server.start();
      return proxy;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Where it listens, in place of the target. */
  public String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + target.getPath();
  }

  /** Every request takes so much longer. */
  public void latency(Duration time) {
    latency = time;
  }

  /** The requests since the last {@link #reset}. */
  public List<Call> calls() {
    return List.copyOf(calls);
  }

  /** Those of some kind. */
  public List<Call> calls(Predicate<Call> of) {
    return calls.stream().filter(of).toList();
  }

  /** Forgets the requests, and the faults. */
  public void reset() {
    calls.clear();
    faults.clear();
  }

  /** Answers some requests with an error of the service. */
  public void refuse(Predicate<Call> of, int times, int status, String code) {
    refuse(of, times, status, code, Optional.empty());
  }

  /** Answers some requests with an error of the service, and a time to wait. */
  public void refuse(
      Predicate<Call> of, int times, int status, String code, Optional<Integer> retryAfterSeconds) {
    faults.add(
        new Fault(
            of,
            new AtomicInteger(times),
            (exchange, proxy) -> {
              byte[] body =
                  ("<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>"
                          + code
                          + "</Code><Message>refused by a test</Message></Error>")
                      .getBytes(StandardCharsets.UTF_8);
              exchange.getResponseHeaders().set("x-ms-error-code", code);
              exchange.getResponseHeaders().set("Content-Type", "application/xml");
              retryAfterSeconds.ifPresent(
                  seconds -> exchange.getResponseHeaders().set("Retry-After", seconds.toString()));
              boolean head = exchange.getRequestMethod().equals("HEAD");
              exchange.sendResponseHeaders(status, head ? -1 : body.length);
              if (!head) {
                exchange.getResponseBody().write(body);
              }
              exchange.close();
              return true;
            }));
  }

  /** Lets some requests wait. */
  public void delay(Predicate<Call> of, int times, Duration time) {
    faults.add(
        new Fault(
            of,
            new AtomicInteger(times),
            (exchange, proxy) -> {
              pause(time);
              return false;
            }));
  }

  /** Breaks the connection after half of the answer. */
  public void breakOff(Predicate<Call> of, int times) {
    faults.add(
        new Fault(
            of,
            new AtomicInteger(times),
            (exchange, proxy) -> {
              HttpResponse<byte[]> answer = proxy.forward(exchange);
              proxy.copyHeaders(answer, exchange);
              byte[] body = answer.body();
              exchange.sendResponseHeaders(answer.statusCode(), body.length);
              OutputStream out = exchange.getResponseBody();
              out.write(body, 0, body.length / 2);
              out.flush();
              // Closing with bytes missing closes the connection.
              exchange.close();
              return true;
            }));
  }

  /** Calls something before some requests are passed on. */
  public void before(Predicate<Call> of, int times, Runnable action) {
    faults.add(
        new Fault(
            of,
            new AtomicInteger(times),
            (exchange, proxy) -> {
              action.run();
              return false;
            }));
  }

  private void serve(HttpExchange exchange) throws IOException {
    Call call =
        new Call(
            exchange.getRequestMethod(),
            exchange.getRequestURI().toString(),
            Optional.ofNullable(exchange.getRequestHeaders().getFirst("x-ms-range"))
                .orElse(String.valueOf(exchange.getRequestHeaders().getFirst("Range"))),
            0);
    calls.add(call);
    if (!latency.isZero()) {
      pause(latency);
    }
    try {
      for (Fault fault : faults) {
        if (fault.of().test(call)
            && fault.left().getAndUpdate(left -> Math.max(0, left - 1)) > 0
            && fault.action().answer(exchange, this)) {
          return;
        }
      }
      HttpResponse<byte[]> answer = forward(exchange);
      copyHeaders(answer, exchange);
      boolean head = exchange.getRequestMethod().equals("HEAD");
      if (head) {
        answer
            .headers()
            .firstValue("content-length")
            .ifPresent(length -> exchange.getResponseHeaders().set("Content-Length", length));
      }
      exchange.sendResponseHeaders(
          answer.statusCode(), head || answer.body().length == 0 ? -1 : answer.body().length);
      if (!head) {
        exchange.getResponseBody().write(answer.body());
      }
    } finally {
      exchange.close();
    }
  }

  private HttpResponse<byte[]> forward(HttpExchange exchange) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
            URI.create(
                target.getScheme()
                    + "://"
                    + target.getAuthority()
                    + exchange.getRequestURI().toString()));
    exchange
        .getRequestHeaders()
        .forEach(
            (name, values) -> {
              if (!OWN_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> request.header(name, value));
              }
            });
    byte[] body = exchange.getRequestBody().readAllBytes();
    request.method(
        exchange.getRequestMethod(),
        body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    try {
      return client.send(request.build(), BodyHandlers.ofByteArray());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private void copyHeaders(HttpResponse<byte[]> answer, HttpExchange exchange) {
    answer
        .headers()
        .map()
        .forEach(
            (name, values) -> {
              if (!OWN_HEADERS.contains(name.toLowerCase(Locale.ROOT)) && !name.startsWith(":")) {
                values.forEach(value -> exchange.getResponseHeaders().add(name, value));
              }
            });
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
