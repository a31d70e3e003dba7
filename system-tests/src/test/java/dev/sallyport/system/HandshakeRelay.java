package dev.sallyport.system;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Lets in a client that cannot say who it is: adds a line to the head of what it sends first, and
 * from then on passes bytes and ends of streams both ways, untouched. Each connection has two
 * virtual threads.
 */
final class HandshakeRelay implements AutoCloseable {
  private final ServerSocket server;
  private final int port;
  private final String line;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  private HandshakeRelay(ServerSocket server, int port, String line) {
    this.server = server;
    this.port = port;
    this.line = line;
  }

  /** Listens, and passes on to a port of this machine, with this header line. */
  static HandshakeRelay start(int port, String line) {
    try {
      var server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
      var relay = new HandshakeRelay(server, port, line);
      Thread.ofVirtual().name("relay").start(relay::accept);
      return relay;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return server.getLocalPort();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        var client = server.accept();
        Thread.ofVirtual().start(() -> relay(client));
      } catch (IOException e) {
        close(); // closed, or beyond use
      }
    }
  }

  private void relay(Socket client) {
    open.add(client);
    try (client;
        var target = new Socket(InetAddress.getLoopbackAddress(), port)) {
      open.add(target);
      client.setTcpNoDelay(true);
      target.setTcpNoDelay(true);
      var in = new BufferedInputStream(client.getInputStream());
      var head = String.join("\r\n", new HttpReader(in).nextHead()) + "\r\n" + line + "\r\n\r\n";
      target.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
      var back = Thread.ofVirtual().start(() -> pass(target, client));
      pass(in, target);
      back.join();
      open.remove(target);
    } catch (IOException | UncheckedIOException e) {
      return; // one of them has hung up: both ends are closed by now
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(client);
    }
  }

  private static void pass(Socket from, Socket to) {
    try {
      pass(from.getInputStream(), to);
    } catch (IOException e) {
      hangUp(to);
    }
  }

  /** To the end of the stream, which is passed on too; a reset is passed on as an end of both. */
  private static void pass(InputStream from, Socket to) {
    try {
      OutputStream out = to.getOutputStream();
      var bytes = new byte[16 * 1024];
      for (int read = from.read(bytes); read >= 0; read = from.read(bytes)) {
        out.write(bytes, 0, read);
      }
      to.shutdownOutput();
    } catch (IOException reset) {
      hangUp(to);
    }
  }

  private static void hangUp(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    open.forEach(HandshakeRelay::hangUp);
  }
}
