package dev.sallyport.data.cron;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/** What is counted about schedules. Thread-safe. */
@Singleton
class CronMetrics {
  private final Map<FireStatus, Counter> fires = new EnumMap<>(FireStatus.class);
  private final Counter missed;
  private final Timer lag;
  private final AtomicLong overdue = new AtomicLong();

  @Inject
  CronMetrics(MeterRegistry metrics) {
    for (var status : FireStatus.values()) {
      if (status != FireStatus.RUNNING) {
        fires.put(
            status,
            Counter.builder("sallyport.cron.fires")
                .description("Fires of schedules, by what this worker did with them")
                .tag("outcome", ScheduleSql.wire(status))
                .register(metrics));
      }
    }
    this.missed =
        Counter.builder("sallyport.cron.missed.fires")
            .description("Times that were passed over because no worker was there, or paused")
            .register(metrics);
    this.lag =
        Timer.builder("sallyport.cron.lag")
            .description("From when a fire was to come until it came")
            .publishPercentiles(0.5, 0.99)
            .register(metrics);
    Gauge.builder("sallyport.cron.overdue.schedules", overdue, AtomicLong::get)
        .description("Schedules that should have fired a minute ago")
        .register(metrics);
  }

  void fired(FireSql.NewFire fire, Duration late) {
    count(fire.status());
    missed.increment(fire.missed());
    if (fire.status() != FireStatus.MISSED) {
      lag.record(late.isNegative() ? Duration.ZERO : late);
    }
  }

  void count(FireStatus status) {
    Objects.requireNonNull(fires.get(status)).increment();
  }

  void failed() {
    count(FireStatus.ERRORED);
  }

  void overdue(long schedules) {
    overdue.set(schedules);
  }
}
