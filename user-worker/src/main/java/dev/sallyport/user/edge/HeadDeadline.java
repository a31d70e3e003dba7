package dev.sallyport.user.edge;

import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How long a connection may take over one request head. A head that comes whole costs nothing: the
 * timer is set when one is left half, once for many of them, and looks when it is due. Confined to
 * the channel's event loop.
 */
final class HeadDeadline {
  /**
   * A head is a few packets: three that are lost one after the other are sent again within it, and
   * who says a byte at a time holds a connection no longer than this.
   */
  static final Duration WITHIN = Duration.ofSeconds(10);

  private final Channel channel;
  private final long withinNanos;
  private final LongSupplier nanos;
  private final Runnable late;
  private boolean running;
  private long since;
  private @Nullable ScheduledFuture<?> timer;

  /**
   * @param late what to do with a connection whose time is over
   */
  HeadDeadline(Channel channel, Duration within, LongSupplier nanos, Runnable late) {
    this.channel = channel;
    this.withinNanos = within.toNanos();
    this.nanos = nanos;
    this.late = late;
  }

  /** A head is awaited; the time runs, if it does not already. */
  void begin() {
    if (!running) {
      running = true;
      since = nanos.getAsLong();
      if (timer == null) {
        lookIn(withinNanos);
      }
    }
  }

  /** The head is there. The timer stays, for the next. */
  void end() {
    running = false;
  }

  /** Nothing more is awaited on this connection. */
  void stop() {
    running = false;
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  private void lookIn(long delay) {
    timer = channel.eventLoop().schedule(this::look, delay, TimeUnit.NANOSECONDS);
  }

  private void look() {
    timer = null;
    if (!running) {
      return;
    }
    long now = nanos.getAsLong();
    if (!channel.config().isAutoRead()) {
      // It is we who do not read, while requests before this one wait for their answers.
      since = now;
    }
    long left = withinNanos - (now - since);
    if (left > 0) {
      lookIn(left);
    } else {
      running = false;
      late.run();
    }
  }
}
