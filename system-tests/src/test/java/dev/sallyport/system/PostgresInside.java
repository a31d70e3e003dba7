package dev.sallyport.system;

import dev.sallyport.local.LocalStack;
import dev.sallyport.local.StackSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;

/**
 * A Postgres that listens on 127.0.0.1 alone, as the local stack starts it, and a relay from the
 * address of its pod. Runs until it is killed.
 */
final class PostgresInside {

  static final int PORT = 5432;

  private PostgresInside() {}

  /** Where such a Postgres keeps its data. The other stores are not started. */
  static StackSettings settings(Path stack) {
    return new StackSettings(stack, PORT, 6379, 9092);
  }

  /**
   * Starts it.
   *
   * @param arguments the folder of the stack, and the pod's address
   */
  public static void main(String[] arguments) throws IOException {
    LocalStack.prepare(settings(Path.of(arguments[0]))).postgres().start();
    try (var door = new ServerSocket(PORT, 100, InetAddress.getByName(arguments[1]))) {
      while (true) {
        relay(door.accept());
      }
    }
  }

  /** The socket is made by this thread, which is where the pod is. */
  private static void relay(Socket client) throws IOException {
    var server = new Socket(InetAddress.getLoopbackAddress(), PORT);
    copy(client, server);
    copy(server, client);
  }

  private static void copy(Socket from, Socket to) {
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try (from;
              to;
              InputStream in = from.getInputStream();
              OutputStream out = to.getOutputStream()) {
            in.transferTo(out);
          } catch (IOException ended) {
            // One side has hung up; both are closed now.
          }
        });
  }
}
