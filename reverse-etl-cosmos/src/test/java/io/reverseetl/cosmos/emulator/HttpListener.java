package io.reverseetl.cosmos.emulator;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * A small HTTP/1.1 server on a loopback port: one daemon thread a connection.
 *
 * <p>The JDK's own server cannot drop a connection inside a body, which is half of what this one is
 * for.
 */
final class HttpListener implements Closeable {
  private static final byte[] LOOPBACK = {127, 0, 0, 1};
  private static final int BACKLOG = 1_024;
  private static final long JOIN_MILLIS = 5_000;

  private final int port;
  private final Function<HttpRequest, HttpResponse> handler;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();
  private volatile ServerSocket server;
  private volatile Thread acceptor;
  private volatile boolean closed;

  private HttpListener(int port, Function<HttpRequest, HttpResponse> handler) throws IOException {
    this.handler = handler;
    this.server = bind(port);
    this.port = server.getLocalPort();
    this.acceptor = acceptor(server);
  }

  private static ServerSocket bind(int port) throws IOException {
    ServerSocket server = new ServerSocket();
    try {
      server.setReuseAddress(true);
      server.bind(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), port), BACKLOG);
      return server;
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  private Thread acceptor(ServerSocket socket) {
    Thread thread = new Thread(() -> accept(socket), "cosmos-emulator-" + socket.getLocalPort());
    thread.setDaemon(true);
    return thread;
  }

  /** Binds to the port, or to a free one for 0, and starts to accept. */
  static HttpListener start(int port, Function<HttpRequest, HttpResponse> handler)
      throws IOException {
    HttpListener listener = new HttpListener(port, handler);
    listener.acceptor.start();
    return listener;
  }

  int port() {
    return port;
  }

  /** Cuts every connection, and lets new ones be refused by the system. */
  void refuse() throws IOException {
    server.close();
    dropConnections();
  }

  /** Takes connections again after {@link #refuse}. */
  void accept() throws IOException {
    server = bind(port);
    acceptor = acceptor(server);
    acceptor.start();
  }

  /** Ends every open connection without an answer; new ones are accepted. */
  void dropConnections() {
    for (Socket socket : open) {
      closeQuietly(socket);
    }
  }

  private void accept(ServerSocket listening) {
    while (!closed) {
      try {
        Socket socket = listening.accept();
        open.add(socket);
        if (closed) {
          closeQuietly(socket);
          return;
        }
        HttpConnection connection =
            new HttpConnection(socket, handler, () -> forget(socket, Thread.currentThread()));
        Thread thread =
            new Thread(
                connection,
                "cosmos-emulator-" + port() + "-connection-" + connections.incrementAndGet());
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
      } catch (IOException e) {
        if (listening.isClosed()) {
          return;
        }
        // A connection that failed while it was accepted is the client's to open again.
      }
    }
  }

  private void forget(Socket socket, Thread thread) {
    open.remove(socket);
    threads.remove(thread);
  }

  /** Stops accepting, cuts every connection and waits a bounded time for the threads. */
  @Override
  public void close() throws IOException {
    closed = true;
    server.close();
    dropConnections();
    try {
      acceptor.join(JOIN_MILLIS);
      dropConnections();
      for (Thread thread : threads) {
        thread.interrupt();
        thread.join(JOIN_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // Closing is all that was wanted; a socket that cannot be closed is already gone.
    }
  }
}
