package dev.sallyport.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/**
 * Very many WebSockets that say nothing, at the price of a file descriptor each. Confined to one
 * thread.
 */
final class IdleSockets implements AutoCloseable {
  /** Upgrades under way at a time: more would overflow the queue of new connections. */
  private static final int OPENING_MAX = 64;

  private static final Duration BOUND = Duration.ofSeconds(30);
  private static final int HEAD_BYTES_MAX = 8 * 1024;

  private final List<Socket> sockets;

  private IdleSockets(List<Socket> sockets) {
    this.sockets = sockets;
  }

  /**
   * Opens {@code count} sockets and returns when each is upgraded.
   *
   * @param headers lines such as {@code Authorization: Bearer …}
   * @throws IllegalStateException with the first answer that is not an upgrade
   */
  static IdleSockets open(int port, String target, int count, String... headers) {
    byte[] handshake = WsClient.handshake(target, headers).getBytes(StandardCharsets.US_ASCII);
    var sockets = new IdleSockets(new ArrayList<>(count));
    var turn = new Semaphore(OPENING_MAX);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var opening = new ArrayList<Future<Socket>>(count);
      for (int i = 0; i < count; i++) {
        turn.acquire();
        opening.add(
            threads.submit(() -> {
              try {
                return open(port, handshake);
              } finally {
                turn.release();
              }
            }));
      }
      for (var socket : opening) {
        sockets.sockets.add(socket.get());
      }
      return sockets;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      sockets.close();
      throw new IllegalStateException("a socket was not upgraded", e.getCause());
    }
  }

  private static Socket open(int port, byte[] handshake) throws IOException {
    var socket = new Socket();
    socket.connect(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port), (int) BOUND.toMillis());
    socket.setSoTimeout((int) BOUND.toMillis());
    socket.getOutputStream().write(handshake);
    var head = new StringBuilder();
    while (head.length() < HEAD_BYTES_MAX && head.indexOf("\r\n\r\n") < 0) {
      int b = socket.getInputStream().read();
      if (b < 0) {
        break;
      }
      head.append((char) b);
    }
    if (!head.toString().startsWith("HTTP/1.1 101 ")) {
      socket.close();
      throw new IOException("not upgraded: " + head);
    }
    return socket;
  }

  /** How many of them the other side has not closed. Says nothing on them. */
  int alive() {
    int alive = 0;
    for (var socket : sockets) {
      alive += isAlive(socket) ? 1 : 0;
    }
    return alive;
  }

  private static boolean isAlive(Socket socket) {
    try {
      socket.setSoTimeout(1);
      // What comes unasked, such as a ping, is a sign of life.
      return socket.getInputStream().read() >= 0;
    } catch (SocketTimeoutException e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    for (var socket : sockets) {
      try {
        socket.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
