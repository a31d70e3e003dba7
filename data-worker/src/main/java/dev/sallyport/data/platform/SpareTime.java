package dev.sallyport.data.platform;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Waits for an answer for so much time as an event loop has to spare. It is counted in ticks of
 * {@value #TICK_MILLIS} ms: a loop that is busy for longer than a tick counts one, for it could not
 * have read the answer meanwhile. On a loop that has nothing else to do it is a plain time-out,
 * late by less than a tick. Confined to its event loop.
 */
final class SpareTime<T extends @Nullable Object> {
  static final int TICK_MILLIS = 10;
  private static final long TICK_NANOS = Duration.ofMillis(TICK_MILLIS).toNanos();

  /**
   * What came of it.
   *
   * @param failure null where there is an answer, which may be null itself
   * @param nanos the spare time that it took
   */
  record Outcome<T extends @Nullable Object>(
      @Nullable T answer, @Nullable Throwable failure, long nanos) {}

  private final Vertx vertx;
  private final Ticker ticker;
  private final long within;
  private final Handler<Outcome<T>> told;
  private long counted;
  private long tickBegan;
  private long timer;
  private boolean over;

  private SpareTime(Vertx vertx, Ticker ticker, long within, Handler<Outcome<T>> told) {
    this.vertx = vertx;
    this.ticker = ticker;
    this.within = within;
    this.told = told;
  }

  /**
   * Waits, on the current event loop.
   *
   * @param within in nanoseconds
   * @param told called once
   */
  static <T extends @Nullable Object> void await(
      Vertx vertx, Ticker ticker, Future<T> answer, long within, Handler<Outcome<T>> told) {
    var waiting = new SpareTime<T>(vertx, ticker, within, told);
    waiting.tick();
    answer.onComplete(waiting::answered);
  }

  private void tick() {
    tickBegan = ticker.nanos();
    long millis = Math.min(TICK_NANOS, within - counted) / 1_000_000;
    timer = vertx.setTimer(Math.max(1, millis), fired -> ticked());
  }

  private void ticked() {
    counted += Math.min(TICK_NANOS, within - counted);
    if (counted < within) {
      tick();
    } else if (!over) {
      over = true;
      var late = new IllegalStateException("no answer within " + within / 1_000_000 + " ms");
      told.handle(new Outcome<>(null, late, within));
    }
  }

  private void answered(AsyncResult<T> done) {
    if (!over) {
      over = true;
      vertx.cancelTimer(timer);
      long sinceTick = Math.min(TICK_NANOS, ticker.nanos() - tickBegan);
      told.handle(
          new Outcome<>(done.result(), done.cause(), Math.min(within, counted + sinceTick)));
    }
  }
}
