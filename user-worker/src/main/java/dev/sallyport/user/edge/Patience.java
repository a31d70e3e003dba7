package dev.sallyport.user.edge;

import io.vertx.core.Vertx;
import java.time.Duration;

/**
 * How long a call is waited for: until a deadline, or for as long as something moves. One of them
 * at a time; the later replaces the earlier. Confined to one event loop.
 */
final class Patience {
  private static final long NONE = -1;
  private static final long LEAST_NANOS = 1_000_000;

  private final Vertx vertx;
  private long timer = NONE;
  private long movedAt;
  private long until;

  Patience(Vertx vertx) {
    this.vertx = vertx;
  }

  /** Runs {@code late} after {@code limit}, unless stopped or replaced before. */
  void until(Duration limit, Runnable late) {
    stop();
    until = System.nanoTime() + limit.toNanos();
    timer = vertx.setTimer(Math.max(limit.toMillis(), 1), due -> late.run());
  }

  /** Runs {@code still} once nothing has {@link #moved} for {@code silence}. */
  void whileMoving(Duration silence, Runnable still) {
    moved();
    until(silence, () -> look(silence, still));
  }

  /** A timer set anew for every piece would cost more than the piece: this looks when it is due. */
  private void look(Duration silence, Runnable still) {
    var left = silence.minusNanos(System.nanoTime() - movedAt);
    if (left.isPositive()) {
      until(left, () -> look(silence, still));
    } else {
      still.run();
    }
  }

  /** How long it is until the deadline that was set last; a millisecond at least. */
  Duration left() {
    return Duration.ofNanos(Math.max(until - System.nanoTime(), LEAST_NANOS));
  }

  void moved() {
    movedAt = System.nanoTime();
  }

  void stop() {
    if (timer != NONE) {
      vertx.cancelTimer(timer);
      timer = NONE;
    }
  }
}
