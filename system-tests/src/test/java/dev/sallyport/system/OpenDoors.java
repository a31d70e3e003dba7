package dev.sallyport.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/**
 * Somebody behind every door: every host takes connections on every port that is tried, and sends
 * datagrams back. A door that does not open is then one that was kept shut. Thread-safe; one thread
 * of its own serves all doors.
 */
final class OpenDoors implements AutoCloseable {

  private static final int BACKLOG = 1_024;

  private static final Duration LEFT_WITHIN = Duration.ofSeconds(10);

  private final PodNetwork network;
  private final Selector selector;
  private final List<Door> doors = new ArrayList<>();

  private record Door(int host, int port, Channel channel) {}

  private OpenDoors(PodNetwork network, Selector selector) {
    this.network = network;
    this.selector = selector;
  }

  /** Opens all of them. */
  static OpenDoors on(PodNetwork network, PacketPlan plan) throws IOException {
    var doors = new OpenDoors(network, Selector.open());
    for (var host : plan.hosts()) {
      doors.open(host);
    }
    Thread.ofPlatform().daemon().name("doors").start(doors::serve);
    return doors;
  }

  private void open(PacketPlan.Host host) throws IOException {
    network.in(
        host,
        () -> {
          for (int port : PacketPlan.TCP) {
            var door = ServerSocketChannel.open(StandardProtocolFamily.INET);
            door.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            door.bind(new InetSocketAddress(host.address(), port), BACKLOG);
            door.configureBlocking(false).register(selector, SelectionKey.OP_ACCEPT);
            doors.add(new Door(host.index(), port, door));
          }
          for (int port : PacketPlan.UDP) {
            var door = DatagramChannel.open(StandardProtocolFamily.INET);
            door.bind(new InetSocketAddress(host.address(), port));
            door.configureBlocking(false).register(selector, SelectionKey.OP_READ);
          }
          return host;
        });
  }

  /** Leaves a TCP door to somebody else. */
  void leave(PacketPlan.Host host, int port) throws IOException {
    for (var door : doors) {
      if (door.host() == host.index() && door.port() == port) {
        door.channel().close();
      }
    }
    selector.wakeup(); // lets go of what was closed
    Awaitility.await("the door is left")
        .atMost(LEFT_WITHIN)
        .until(() -> !PlainHttp.connects(host.address(), port));
  }

  private void serve() {
    var bytes = ByteBuffer.allocate(64);
    while (selector.isOpen()) {
      try {
        selector.select(key -> {
          switch (key.channel()) {
            case ServerSocketChannel door -> accept(door);
            case DatagramChannel door -> sendBack(door, bytes.clear());
            default -> throw new IllegalStateException("not a door: " + key.channel());
          }
        });
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** The kernel has shaken hands already, which is all that is asked. */
  private static void accept(ServerSocketChannel door) {
    try {
      for (SocketChannel who = door.accept(); who != null; who = door.accept()) {
        who.close();
      }
    } catch (IOException hungUp) {
      // Whoever it was has seen the door open.
    }
  }

  private static void sendBack(DatagramChannel door, ByteBuffer bytes) {
    try {
      var sender = door.receive(bytes);
      if (sender != null) {
        door.send(bytes.flip(), sender);
      }
    } catch (IOException hungUp) {
      // The next datagram is asked for again.
    }
  }

  @Override
  public void close() throws IOException {
    selector.close();
  }
}
