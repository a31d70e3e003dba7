package dev.sallyport.user.binding;

import dev.sallyport.user.platform.Ticker;
import java.util.Optional;

/**
 * Stops calls to one address that only fails, until it answers again. Closed, it lets every call
 * pass and counts failures; open, it lets none; once it has been open for long enough one call
 * tries, and decides. A probe that is answered closes it at any time.
 *
 * <p>What became of a call is counted only while the breaker is as it was when the call entered:
 * those that hang from before an outage and fail after it say nothing about now.
 *
 * <p>No I/O, no timers. Thread-safe: short critical sections, nothing waits inside. Letting a call
 * pass allocates nothing.
 */
final class Breaker {
  /** How it stands. */
  enum Position {
    CLOSED,
    OPEN,
    /** One call is under way to find out. */
    TRYING
  }

  /** Lets a call through. Whoever has it tells what became of the call, once. */
  static final class Pass {
    private Pass() {}
  }

  private final BreakerRules rules;
  private final Ticker ticker;
  private Position position = Position.CLOSED;

  /** Another one after each change, so that late results are told from those that count. */
  private Optional<Pass> pass = Optional.of(new Pass());

  private int failuresInRow;

  /** The last results, the newest in the lowest bit; 1 is a failure. */
  private long results;

  private int resultsKnown;

  /** While it is not closed: when the next call may try. */
  private long nextTryAt;

  Breaker(BreakerRules rules, Ticker ticker) {
    this.rules = rules;
    this.ticker = ticker;
  }

  /** What lets the next call pass; nothing while none may. */
  synchronized Optional<Pass> enter() {
    if (position == Position.CLOSED) {
      return pass;
    }
    // One that tries and is never heard of must not keep it open for ever.
    if (ticker.nanos() - nextTryAt < 0) {
      return Optional.empty();
    }
    stand(Position.TRYING);
    return pass;
  }

  /** The call was answered, whatever the answer. */
  synchronized void succeeded(Pass entered) {
    if (!isCurrent(entered)) {
      return;
    }
    switch (position) {
      case CLOSED -> {
        failuresInRow = 0;
        remember(0);
      }
      case TRYING -> close();
      case OPEN -> {}
    }
  }

  /**
   * The address took no connection, broke off before it answered, or did not answer in time.
   *
   * @return whether this opened it, having been closed
   */
  synchronized boolean failed(Pass entered) {
    if (!isCurrent(entered)) {
      return false;
    }
    switch (position) {
      case CLOSED -> {
        failuresInRow++;
        remember(1);
        boolean halfOfMany =
            resultsKnown == rules.window() && rules.isTooMany(Long.bitCount(results));
        if (failuresInRow < rules.failures() && !halfOfMany) {
          return false;
        }
        stand(Position.OPEN);
        return true;
      }
      case TRYING -> stand(Position.OPEN);
      case OPEN -> {}
    }
    return false;
  }

  /** Nobody knows what would have become of it: its caller went away first. */
  synchronized void abandoned(Pass entered) {
    if (isCurrent(entered) && position == Position.TRYING) {
      stand(Position.OPEN);
      nextTryAt = ticker.nanos();
    }
  }

  /** A probe was answered. */
  synchronized void answeredProbe() {
    if (position != Position.CLOSED) {
      close();
    }
  }

  synchronized Position position() {
    return position;
  }

  /** Whether it refuses calls, all or all but one. */
  boolean isOpen() {
    return position() != Position.CLOSED;
  }

  private boolean isCurrent(Pass entered) {
    return pass.isPresent() && pass.get() == entered;
  }

  private void close() {
    failuresInRow = 0;
    results = 0;
    resultsKnown = 0;
    stand(Position.CLOSED);
  }

  private void stand(Position next) {
    position = next;
    pass = Optional.of(new Pass());
    nextTryAt = ticker.nanos() + rules.openFor().toNanos();
  }

  private void remember(long result) {
    long mask = rules.window() == BreakerRules.WINDOW_MAX ? -1L : (1L << rules.window()) - 1;
    results = (results << 1 | result) & mask;
    resultsKnown = Math.min(resultsKnown + 1, rules.window());
  }
}
