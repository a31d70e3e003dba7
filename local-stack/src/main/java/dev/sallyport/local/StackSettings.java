package dev.sallyport.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Where the stores listen and keep their data. Immutable.
 *
 * @param directory made when missing; holds data, secrets, logs ({@code log/}) and pid files
 *     ({@code run/}). One stack at a time
 * @param postgresPort 0 to 65535; 0 picks a free one
 * @param redisPort likewise
 * @param kafkaPort likewise
 */
public record StackSettings(Path directory, int postgresPort, int redisPort, int kafkaPort) {

  /** Below the range that Linux and macOS give to outgoing connections, so those cannot collide. */
  private static final int LOWEST_PICKED = 15_000;

  private static final int HIGHEST_PICKED = 30_000;

  private static final int PICKS_MAX = 200;

  public StackSettings {
    directory = directory.toAbsolutePath().normalize();
    requirePort("postgresPort", postgresPort);
    requirePort("redisPort", redisPort);
    requirePort("kafkaPort", kafkaPort);
  }

  /** A stack on three free ports, for tests: any number of them run side by side. */
  public static StackSettings onFreePorts(Path directory) {
    return new StackSettings(directory, 0, 0, 0);
  }

  /** The same with every 0 replaced by a free port. */
  StackSettings resolved() {
    var free = freePorts(3);
    return new StackSettings(
        directory,
        orFree(postgresPort, free.get(0)),
        orFree(redisPort, free.get(1)),
        orFree(kafkaPort, free.get(2)));
  }

  /**
   * A port of 127.0.0.1 that nobody listens on at this moment. Chosen at random, so that stacks
   * that start at the same time rarely choose alike.
   *
   * @throws StackError if none was found
   */
  public static int freePort() {
    return freePorts(1).getFirst();
  }

  /**
   * As many such ports, no two alike.
   *
   * @throws StackError if too few were found
   */
  public static List<Integer> freePorts(int count) {
    var found = new LinkedHashSet<Integer>();
    for (int pick = 0; pick < PICKS_MAX && found.size() < count; pick++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST_PICKED, HIGHEST_PICKED);
      if (isFree(port)) {
        found.add(port);
      }
    }
    if (found.size() < count) {
      throw StackError.unsupported("Too few free ports were found on 127.0.0.1.");
    }
    return List.copyOf(found);
  }

  /** Whether a server could listen on this port of 127.0.0.1 now. */
  static boolean isFree(int port) {
    try (var socket = new ServerSocket()) {
      // As our servers do, so that connections in TIME_WAIT do not make the port look taken.
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
      return true;
    } catch (BindException taken) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int orFree(int port, int free) {
    return port == 0 ? free : port;
  }

  private static void requirePort(String name, int port) {
    if (port < 0 || port > 65_535) {
      throw StackError.badSetting(name + " must be 0 to 65535, not " + port + ".");
    }
  }
}
