package dev.sallyport.data.platform;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The network between a worker and Postgres: it can swallow what Postgres says, and be cut. */
final class Wire implements AutoCloseable {
  private final ServerSocket listener;
  private final int postgres;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private volatile boolean mute;

  Wire(int postgres) throws IOException {
    this.postgres = postgres;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** From now on nothing that Postgres says arrives. */
  void mute() {
    mute = true;
  }

  /** Ends all connections; new ones work again. */
  void cut() {
    for (var socket : sockets) {
      close(socket);
    }
    sockets.clear();
    mute = false; // last: what was withheld must not slip through
  }

  @Override
  public void close() throws IOException {
    listener.close();
    cut();
  }

  private void accept() {
    try {
      while (true) {
        var client = listener.accept();
        var server = new Socket(InetAddress.getLoopbackAddress(), postgres);
        sockets.add(client);
        sockets.add(server);
        Thread.ofVirtual().start(() -> pump(client, server, false));
        Thread.ofVirtual().start(() -> pump(server, client, true));
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  private void pump(Socket from, Socket to, boolean answers) {
    var buffer = new byte[8192];
    try {
      for (int n = from.getInputStream().read(buffer);
          n >= 0;
          n = from.getInputStream().read(buffer)) {
        if (!(answers && mute)) {
          to.getOutputStream().write(buffer, 0, n);
        }
      }
    } catch (IOException e) {
      // Cut.
    }
    close(from);
    close(to);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
