package dev.sallyport.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** One inline command to Redis and the first line of its answer. */
final class RedisLine {

  private static final int ASKED_MAX = 2_000;

  private RedisLine() {}

  static String send(int port, String command) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return ask(socket, command).readLine();
    }
  }

  /** Asks for {@code INFO persistence} until the line is there. */
  static void awaitInfo(int port, String line) throws IOException {
    for (int asked = 0; asked < ASKED_MAX; asked++) {
      try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.setSoTimeout(1_000);
        var answer = ask(socket, "INFO persistence\r\nQUIT");
        if (answer.lines().anyMatch(line::equals)) {
          return;
        }
      }
    }
    assertThat(line).as("Redis never said").isNull();
  }

  private static BufferedReader ask(Socket socket, String command) throws IOException {
    socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
  }
}
