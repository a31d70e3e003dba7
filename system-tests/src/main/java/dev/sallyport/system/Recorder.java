package dev.sallyport.system;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Stands where the private worker should be: keeps every request that arrives, as it arrived, and
 * behaves as badly as it is told. Thread-safe; each connection has its own virtual thread.
 *
 * <p>The user-worker's own health probes are answered and not kept: they carry no user.
 */
final class Recorder implements AutoCloseable {
  /** What happens to a request that has arrived whole. */
  enum Behaviour {
    /** 200 and a small JSON object, or what {@link #answerWith} said. */
    ANSWER,
    /** Nothing, for as long as the connection lives. */
    HANG,
    /** A head that announces 1,000 bytes, 500 of them, and the end of the connection. */
    DIE_IN_SIZED_BODY,
    /**
     * A chunked head, one chunk of 500 bytes, and the end of the connection without a last chunk.
     */
    DIE_IN_CHUNKED_BODY,
    /** 421, as a data-worker says that another one owns what was asked for. */
    MISDIRECT,
    /** A head at once, then ten bytes over more than two seconds. */
    DRIP,
    /** The same as server-sent events of unknown number. */
    DRIP_EVENTS,
    /** The connection is reset before any answer. */
    RESET
  }

  /**
   * One request.
   *
   * @param head its lines as they came, without the empty one
   * @param whole whether the body ended as its framing said; false where the connection ended first
   */
  record Seen(List<String> head, Headers headers, Bytes body, boolean whole) {
    String method() {
      return head.getFirst().split(" ", 3)[0];
    }

    String target() {
      return head.getFirst().split(" ", 3)[1];
    }

    /** Whether the head or body holds this text. */
    boolean mentions(String text) {
      return String.join("\n", head).contains(text) || body.latin1().contains(text);
    }
  }

  private static final String OK =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"ok\":true}";

  private static final Duration DRIP_EVERY = Duration.ofMillis(250);

  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final int port;
  private volatile ServerSocket server;
  private volatile Behaviour behaviour = Behaviour.ANSWER;
  private volatile String answer = OK;

  private Recorder(ServerSocket server) {
    this.server = server;
    this.port = server.getLocalPort();
    accept(server);
  }

  static Recorder start() {
    return new Recorder(listen(0));
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** How requests are answered from now on. */
  void behave(Behaviour behaviour) {
    this.behaviour = behaviour;
    this.answer = OK;
  }

  /** Answers requests with exactly these bytes from now on, one character each. */
  void answerWith(String answer) {
    this.behaviour = Behaviour.ANSWER;
    this.answer = answer;
  }

  /** Every request so far in which this text occurs. */
  List<Seen> seen(String marker) {
    return seen.stream().filter(request -> request.mentions(marker)).toList();
  }

  /** Every request so far, in order of arrival. */
  List<Seen> seen() {
    return List.copyOf(seen);
  }

  /** How many connections are open now. */
  int connections() {
    return open.size();
  }

  /** From now on connections are refused; those that are open are cut. */
  void goAway() {
    close(server);
    cutAll();
  }

  /** Listens again, on the same port. */
  void comeBack() {
    server = listen(port);
    accept(server);
  }

  /** Cuts the open connections and goes on listening. */
  void cutAll() {
    open.forEach(Recorder::close);
  }

  @Override
  public void close() {
    goAway();
  }

  private static ServerSocket listen(int port) {
    try {
      var server = new ServerSocket();
      server.setReuseAddress(true);
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 512);
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept(ServerSocket from) {
    Thread.ofVirtual()
        .name("recorder")
        .start(() -> {
          while (!from.isClosed()) {
            try {
              var socket = from.accept();
              open.add(socket);
              if (from.isClosed()) {
                close(socket); // accepted while goAway was cutting the others
              }
              Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
              close(from); // closed by goAway, or beyond use
            }
          }
        });
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      var reader = new HttpReader(new BufferedInputStream(socket.getInputStream()));
      for (var head = reader.head(); head.isPresent(); head = reader.head()) {
        var request = read(reader, head.get());
        boolean probe = request.headers().first("X-User-Id").isEmpty();
        if (!probe) {
          seen.add(request);
        }
        var words = probe ? OK : answer;
        var answer = request.method().equals("HEAD") ? headOf(words) : words;
        if (!answer(socket, probe ? Behaviour.ANSWER : behaviour, answer)) {
          return;
        }
      }
    } catch (IOException e) {
      // The user-worker hung up, or a test cut the connection: there is nobody to answer.
      close(socket);
    } finally {
      open.remove(socket);
    }
  }

  private static String headOf(String answer) {
    return answer.substring(0, answer.indexOf("\r\n\r\n") + 4);
  }

  private static Seen read(HttpReader reader, List<String> head) throws IOException {
    var headers = Headers.parse(head.subList(1, head.size()));
    var length = headers.first("Content-Length");
    var body =
        headers.first("Transfer-Encoding").isPresent()
            ? reader.chunked()
            : reader.sized(length.map(Long::parseLong).orElse(0L));
    return new Seen(head, headers, body.bytes(), body.whole());
  }

  /** Answers one request; false when the connection ends with it. */
  private static boolean answer(Socket socket, Behaviour behaviour, String answer)
      throws IOException {
    var out = socket.getOutputStream();
    return switch (behaviour) {
      case ANSWER -> {
        write(out, answer);
        yield true;
      }
      case HANG -> socket.getInputStream().read() >= 0;
      case DIE_IN_SIZED_BODY -> {
        write(out, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + "x".repeat(500));
        yield false;
      }
      case DIE_IN_CHUNKED_BODY -> {
        write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1f4\r\n");
        write(out, "x".repeat(500) + "\r\n");
        yield false;
      }
      case MISDIRECT -> {
        write(out, "HTTP/1.1 421 Misdirected Request\r\nContent-Length: 0\r\n\r\n");
        yield true;
      }
      case DRIP -> {
        write(out, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
        for (int i = 0; i < 10; i++) {
          pause();
          write(out, "x");
        }
        yield true;
      }
      case DRIP_EVENTS -> {
        write(out, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n");
        write(out, "Transfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < 10; i++) {
          write(out, "9\r\ndata: x\n\n\r\n");
          pause();
        }
        write(out, "0\r\n\r\n");
        yield true;
      }
      case RESET -> {
        socket.setSoLinger(true, 0);
        yield false;
      }
    };
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  /** The time between two drips is what the behaviour is about, so here it is waited for. */
  private static void pause() throws SocketException {
    try {
      new CountDownLatch(1).await(DRIP_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SocketException("interrupted");
    }
  }

  private static void close(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
