package dev.sallyport.system;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Very many connections that have said a little, and then say no more, at the price of a file
 * descriptor each. Confined to one thread.
 */
final class HalfOpen implements AutoCloseable {
  /** Under way at a time: more would overflow the queue of new connections. */
  private static final int OPENING_MAX = 64;

  private static final Duration OPENING = Duration.ofSeconds(20);
  private static final String TOO_SLOW = "HTTP/1.1 408 ";

  private final Selector selector;
  private int open;
  private int answers408;
  private int silentAnswers;
  private Duration endedBefore = Duration.ofDays(1);

  /** One connection: when it was ready to be forgotten, and what it was told. */
  private static final class Line {
    private final boolean silent;
    private final StringBuilder told = new StringBuilder();
    private long saidAt;

    Line(boolean silent) {
      this.silent = silent;
    }
  }

  private HalfOpen(Selector selector) {
    this.selector = selector;
  }

  /** Opens connections that say these things, in turns. */
  static HalfOpen open(int port, int count, String... things) throws IOException {
    var half = new HalfOpen(Selector.open());
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    for (int from = 0; from < count; from += OPENING_MAX) {
      half.openSome(address, from, Math.min(count, from + OPENING_MAX), things);
    }
    return half;
  }

  /** How many of {@code count} in turns say the thing at this position. */
  static int share(int count, int position, int things) {
    return (count - position + things - 1) / things;
  }

  private void openSome(InetSocketAddress address, int from, int to, String... things)
      throws IOException {
    for (int i = from; i < to; i++) {
      var thing = things[i % things.length];
      var channel = SocketChannel.open();
      channel.socket().setSoTimeout((int) OPENING.toMillis());
      channel.socket().connect(address, (int) OPENING.toMillis());
      channel.configureBlocking(false);
      var line = new Line(thing.isEmpty());
      line.saidAt = System.nanoTime();
      channel.write(ByteBuffer.wrap(thing.getBytes(StandardCharsets.ISO_8859_1)));
      channel.register(selector, SelectionKey.OP_READ, line);
      open++;
    }
  }

  /**
   * Waits until the other side has ended all of them.
   *
   * @throws AssertionError when some are open after {@code within}
   */
  void awaitEnd(Duration within) throws IOException {
    long end = System.nanoTime() + within.toNanos();
    while (open > 0) {
      long left = Duration.ofNanos(end - System.nanoTime()).toMillis();
      if (left <= 0) {
        throw new AssertionError(open + " connections are still open after " + within);
      }
      selector.select(this::read, left);
    }
  }

  private void read(SelectionKey key) {
    var line = (Line) key.attachment();
    var channel = (SocketChannel) key.channel();
    var bytes = ByteBuffer.allocate(1024);
    try {
      int read = channel.read(bytes);
      if (read >= 0) {
        line.told.append(new String(bytes.array(), 0, read, StandardCharsets.ISO_8859_1));
        return;
      }
      channel.close();
    } catch (IOException reset) {
      key.cancel();
    }
    open--;
    var lasted = Duration.ofNanos(System.nanoTime() - line.saidAt);
    endedBefore = lasted.compareTo(endedBefore) < 0 ? lasted : endedBefore;
    answers408 += line.told.toString().startsWith(TOO_SLOW) ? 1 : 0;
    silentAnswers += line.silent && !line.told.isEmpty() ? 1 : 0;
  }

  /** How many were told that they are too slow before they were ended. */
  int answers408() {
    return answers408;
  }

  /** How many were told something though they had said nothing. */
  int silentAnswers() {
    return silentAnswers;
  }

  /** How long the first to be ended had lasted. */
  Duration endedBefore() {
    return endedBefore;
  }

  @Override
  public void close() throws IOException {
    for (var key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
  }
}
