package dev.sallyport.data.platform;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;

/**
 * The one place that reads the machine's clocks; everything else is given a {@link Clock} or a
 * {@link Ticker}.
 */
final class MachineClock {
  private MachineClock() {}

  @Produces
  @Singleton
  static Clock clock() {
    return Clock.systemUTC();
  }

  @Produces
  @Singleton
  static Ticker ticker() {
    return System::nanoTime;
  }
}
