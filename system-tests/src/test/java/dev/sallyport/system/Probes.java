package dev.sallyport.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;

/**
 * Who gets through to whom, tried out. All targets of a host are tried at once: a connection that
 * is made, or a datagram that comes back, is a yes; one that is refused, or has not answered within
 * {@link #WITHIN}, is a no.
 */
final class Probes {

  /** Much longer than anything takes here, also on a machine with other things to do. */
  private static final Duration WITHIN = Duration.ofSeconds(3);

  /** A datagram may be lost; then it is sent again. */
  private static final Duration AGAIN = Duration.ofMillis(300);

  private static final int HOSTS_AT_ONCE = 4;

  private Probes() {}

  /**
   * What was tried and how often it worked: more than once where alike hosts tried alike.
   *
   * @param tries how often
   * @param yes how often of these
   */
  record Result(int tries, int yes) {
    Result plus(boolean worked) {
      return new Result(tries + 1, yes + (worked ? 1 : 0));
    }
  }

  /** Every host tries all its targets. The key is a line as in the golden file. */
  static Map<String, Result> all(PodNetwork network, PacketPlan plan) throws IOException {
    var results = new TreeMap<String, Result>();
    try (var pool = Executors.newFixedThreadPool(HOSTS_AT_ONCE)) {
      var tries = new ArrayList<Callable<Map<PacketPlan.Target, Boolean>>>();
      for (var host : plan.hosts()) {
        tries.add(() -> network.in(host, () -> from(plan.targets(host))));
      }
      var done = pool.invokeAll(tries);
      for (var host : plan.hosts()) {
        done.get(host.index())
            .get()
            .forEach((target, worked) ->
                results.merge(
                    host.position() + " -> " + target.line(),
                    new Result(1, worked ? 1 : 0),
                    (before, _) -> before.plus(worked)));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    }
    return results;
  }

  private static Map<PacketPlan.Target, Boolean> from(List<PacketPlan.Target> targets)
      throws IOException {
    var yes = new HashMap<PacketPlan.Target, Boolean>();
    var datagrams = new ArrayList<SelectionKey>();
    try (var selector = Selector.open()) {
      for (var target : targets) {
        yes.put(target, false);
        var address = new InetSocketAddress(target.address(), target.port());
        if (target.protocol().equals("UDP")) {
          var channel = DatagramChannel.open(StandardProtocolFamily.INET).connect(address);
          channel.configureBlocking(false);
          datagrams.add(channel.register(selector, SelectionKey.OP_READ, target));
        } else {
          connect(selector, target, address, yes);
        }
      }
      await(selector, datagrams, yes);
      for (var key : selector.keys()) {
        key.channel().close();
      }
    }
    return yes;
  }

  private static void connect(
      Selector selector,
      PacketPlan.Target target,
      InetSocketAddress address,
      Map<PacketPlan.Target, Boolean> yes)
      throws IOException {
    var channel = SocketChannel.open(StandardProtocolFamily.INET);
    channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    channel.configureBlocking(false);
    try {
      if (channel.connect(address)) {
        yes.put(target, true);
        channel.close();
      } else {
        channel.register(selector, SelectionKey.OP_CONNECT, target);
      }
    } catch (IOException refused) {
      channel.close();
    }
  }

  private static void await(
      Selector selector, List<SelectionKey> datagrams, Map<PacketPlan.Target, Boolean> yes)
      throws IOException {
    long end = System.nanoTime() + WITHIN.toNanos();
    long next = System.nanoTime();
    while (selector.keys().stream().anyMatch(SelectionKey::isValid) && System.nanoTime() < end) {
      if (System.nanoTime() >= next) {
        datagrams.stream().filter(SelectionKey::isValid).forEach(Probes::send);
        next = System.nanoTime() + AGAIN.toNanos();
      }
      selector.select(
          key -> {
            if (answered(key)) {
              yes.put((PacketPlan.Target) key.attachment(), true);
            }
          },
          AGAIN.toMillis());
    }
  }

  private static void send(SelectionKey key) {
    try {
      ((DatagramChannel) key.channel()).write(ByteBuffer.wrap(new byte[] {1}));
    } catch (IOException refused) {
      close(key);
    }
  }

  /** Whether it is a yes; closes it in either case. */
  private static boolean answered(SelectionKey key) {
    try {
      return switch (key.channel()) {
        case SocketChannel channel -> channel.finishConnect();
        case DatagramChannel channel -> channel.read(ByteBuffer.allocate(1)) > 0;
        default -> throw new IllegalStateException("not ours: " + key.channel());
      };
    } catch (IOException refused) {
      return false;
    } finally {
      close(key);
    }
  }

  private static void close(SelectionKey key) {
    try {
      key.cancel();
      key.channel().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
