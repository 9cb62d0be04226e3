package io.reverseetl.cosmos.emulator;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** Reads requests from one connection and writes the answers, on one thread. */
final class HttpConnection implements Runnable {
  private static final int MAX_HEADER_BYTES = 128 * 1024;
  private static final int MAX_BODY_BYTES = 64 * 1024 * 1024;

  /** Header names come from a small set; their lower-case form is looked up, not made anew. */
  private final Map<String, String> lowerCaseNames = new HashMap<>();

  private final Socket socket;
  private final Function<HttpRequest, HttpResponse> handler;
  private final Runnable onClosed;
  private byte[] buffer = new byte[16 * 1024];
  private int position;
  private int limit;
  private InputStream in;

  HttpConnection(Socket socket, Function<HttpRequest, HttpResponse> handler, Runnable onClosed) {
    this.socket = socket;
    this.handler = handler;
    this.onClosed = onClosed;
  }

  @Override
  public void run() {
    try (socket) {
      socket.setTcpNoDelay(true);
      in = socket.getInputStream();
      OutputStream out = socket.getOutputStream();
      ByteBuilder output = new ByteBuilder(16 * 1024);
      while (serveOne(out, output)) {
        // One request after another until either side ends the connection.
      }
    } catch (IOException e) {
      // The peer went away or close() cut the connection: there is nobody left to tell.
    } finally {
      onClosed.run();
    }
  }

  private boolean serveOne(OutputStream out, ByteBuilder output) throws IOException {
    HttpRequest request = read(out);
    if (request == null) {
      return false;
    }
    HttpResponse response = handler.apply(request);
    switch (response.delivery()) {
      case DROPPED -> {
        return false;
      }
      case RESET -> {
        socket.setSoLinger(true, 0);
        return false;
      }
      case SILENT -> {
        while (in.read() >= 0) {
          // Nothing that the client says is answered any more; wait for it to give up.
        }
        return false;
      }
      default -> {
        boolean whole = response.delivery() == HttpResponse.Delivery.WHOLE;
        write(response, request.method().equals("HEAD"), whole, output);
        out.write(output.array(), 0, output.size());
        return whole && !"close".equalsIgnoreCase(request.header("connection"));
      }
    }
  }

  private static void write(
      HttpResponse response, boolean headersOnly, boolean whole, ByteBuilder output) {
    int status = response.status();
    output.clear();
    output.ascii("HTTP/1.1 ").number(status).ascii(" Status\r\n");
    for (int i = 0; i < response.headers().size(); i += 2) {
      output.ascii(response.headers().get(i)).ascii(": ");
      output.ascii(response.headers().get(i + 1)).ascii("\r\n");
    }
    boolean bodyAllowed = status != 204 && status != 304;
    if (bodyAllowed) {
      output.ascii("content-type: application/json\r\ncontent-length: ");
      output.number(response.bodyLength()).ascii("\r\n");
    }
    output.ascii("\r\n");
    if (bodyAllowed && !headersOnly) {
      output.put(response.body(), 0, whole ? response.bodyLength() : response.bodyLength() / 2);
    }
  }

  private HttpRequest read(OutputStream out) throws IOException {
    String requestLine = readLine();
    while (requestLine != null && requestLine.isEmpty()) {
      requestLine = readLine();
    }
    if (requestLine == null) {
      return null;
    }
    int firstSpace = requestLine.indexOf(' ');
    int secondSpace = requestLine.indexOf(' ', firstSpace + 1);
    if (firstSpace < 0 || secondSpace < 0) {
      throw new IOException("Not an HTTP request line");
    }
    String target = requestLine.substring(firstSpace + 1, secondSpace);
    int query = target.indexOf('?');

    Map<String, String> headers = new HashMap<>(48);
    for (String line = readLine(); ; line = readLine()) {
      if (line == null) {
        throw new EOFException("Connection ended inside the headers");
      }
      if (line.isEmpty()) {
        break;
      }
      int colon = line.indexOf(':');
      if (colon > 0) {
        headers.put(lowerCase(line.substring(0, colon)), line.substring(colon + 1).strip());
      }
    }
    if ("100-continue".equalsIgnoreCase(headers.get("expect"))) {
      out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    }
    return new HttpRequest(
        requestLine.substring(0, firstSpace),
        query < 0 ? target : target.substring(0, query),
        headers,
        readBody(headers));
  }

  private String lowerCase(String name) {
    return lowerCaseNames.computeIfAbsent(name, key -> key.toLowerCase(Locale.ROOT));
  }

  private byte[] readBody(Map<String, String> headers) throws IOException {
    if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
      return readChunks();
    }
    String length = headers.get("content-length");
    if (length == null) {
      return new byte[0];
    }
    int count = checkedLength(Long.parseLong(length));
    byte[] body = new byte[count];
    readFully(body, 0, count);
    return body;
  }

  private byte[] readChunks() throws IOException {
    ByteBuilder body = new ByteBuilder(16 * 1024);
    while (true) {
      String line = readLine();
      if (line == null) {
        throw new EOFException("Connection ended inside a chunked body");
      }
      int extension = line.indexOf(';');
      String digits = extension < 0 ? line : line.substring(0, extension);
      int count = checkedLength(Long.parseLong(digits.strip(), 16));
      if (count == 0) {
        for (String trailer = readLine(); trailer != null && !trailer.isEmpty(); ) {
          trailer = readLine();
        }
        return body.toBytes();
      }
      byte[] chunk = new byte[count];
      readFully(chunk, 0, count);
      body.put(chunk);
      readLine();
    }
  }

  private static int checkedLength(long length) throws IOException {
    if (length < 0 || length > MAX_BODY_BYTES) {
      throw new IOException("Body of " + length + " bytes");
    }
    return (int) length;
  }

  private void readFully(byte[] target, int offset, int count) throws IOException {
    int buffered = Math.min(count, limit - position);
    System.arraycopy(buffer, position, target, offset, buffered);
    position += buffered;
    int done = buffered;
    while (done < count) {
      int read = in.read(target, offset + done, count - done);
      if (read < 0) {
        throw new EOFException("Connection ended inside a body");
      }
      done += read;
    }
  }

  /** Returns the next line without its end, or null at the end of the connection. */
  private String readLine() throws IOException {
    int scanned = position;
    while (true) {
      for (; scanned < limit; scanned++) {
        if (buffer[scanned] == '\n') {
          int end = scanned > position && buffer[scanned - 1] == '\r' ? scanned - 1 : scanned;
          String line = new String(buffer, position, end - position, StandardCharsets.ISO_8859_1);
          position = scanned + 1;
          return line;
        }
      }
      int kept = limit - position;
      if (kept == buffer.length) {
        if (kept >= MAX_HEADER_BYTES) {
          throw new IOException("A header line is too long");
        }
        buffer = Arrays.copyOf(buffer, buffer.length * 2);
      } else if (position > 0) {
        System.arraycopy(buffer, position, buffer, 0, kept);
        position = 0;
        limit = kept;
        scanned = kept;
      }
      int read = in.read(buffer, limit, buffer.length - limit);
      if (read < 0) {
        return null;
      }
      limit += read;
    }
  }
}
