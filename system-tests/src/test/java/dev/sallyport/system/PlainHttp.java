package dev.sallyport.system;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One request on a connection of its own, on the thread that asks: where that thread is, there the
 * request comes from. {@link Http} has threads of its own for that.
 */
final class PlainHttp {

  private static final int CONNECT_MILLIS = 2_000;
  private static final int READ_MILLIS = 15_000;

  private PlainHttp() {}

  /** What came back. */
  record Reply(int status, String body) {}

  /** Whether somebody takes a connection. */
  static boolean connects(String address, int port) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, port), CONNECT_MILLIS);
      return true;
    } catch (IOException refused) {
      return false;
    }
  }

  static Reply get(String address, int port, String target, String... headerLines)
      throws IOException {
    return send(address, port, "GET " + target, null, headerLines);
  }

  static Reply post(String address, int port, String target, String json) throws IOException {
    return send(address, port, "POST " + target, json);
  }

  private static Reply send(
      String address, int port, String line, @Nullable String json, String... headerLines)
      throws IOException {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, port), CONNECT_MILLIS);
      socket.setSoTimeout(READ_MILLIS);
      var head = new StringBuilder(line + " HTTP/1.1\r\nHost: sallyport\r\nConnection: close\r\n");
      for (var header : headerLines) {
        head.append(header).append("\r\n");
      }
      if (json != null) {
        head.append("Content-Type: application/json\r\nContent-Length: ");
        head.append(json.getBytes(StandardCharsets.UTF_8).length).append("\r\n");
      }
      head.append("\r\n").append(json == null ? "" : json);
      socket.getOutputStream().write(head.toString().getBytes(StandardCharsets.UTF_8));
      var answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      var parts = answer.split("\r\n\r\n", 2);
      var words = parts[0].split(" ", 3);
      return new Reply(Integer.parseInt(words[1]), parts.length == 2 ? parts[1] : "");
    }
  }
}
