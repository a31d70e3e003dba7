package dev.sallyport.user.limit;

import dev.sallyport.user.limit.Verdict.Admitted;
import dev.sallyport.user.limit.Verdict.Closed;
import dev.sallyport.user.limit.Verdict.Refused;
import dev.sallyport.user.limit.Verdict.Uncounted;
import dev.sallyport.user.platform.Ticker;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.vertx.core.Future;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;

/**
 * Charges requests to budgets that all user-workers share, by one trip to Redis; while Redis is
 * away as the route says for that. Thread-safe, does not block; the futures never fail, complete
 * within {@link LimitSettings#patience}, and may do so on another event loop.
 */
@ApplicationScoped
public class Limiter {
  private static final String SETTING = "sallyport.limit.";
  private static final String PREFIX = "sallyport:limit:";

  private final LimitScript script;
  private final Ticker ticker;
  private final OutOfBudget out;
  private final LocalBuckets local;
  private final LimitMetrics metrics;
  private final int addressPerMinute;
  private final int principalPerMinute;

  @Inject
  Limiter(LimitScript script, Ticker ticker, LimitSettings settings, MeterRegistry metrics) {
    this.script = script;
    this.ticker = ticker;
    this.out = new OutOfBudget(ticker);
    this.local = new LocalBuckets(ticker);
    this.metrics = new LimitMetrics(metrics);
    this.addressPerMinute = perMinute("address-per-minute", settings.addressPerMinute());
    this.principalPerMinute = perMinute("principal-per-minute", settings.principalPerMinute());
    Gauge.builder("sallyport_limit_redis_up", script, one -> one.isAway() ? 0 : 1)
        .description("1 while Redis counts requests for all user-workers")
        .register(metrics);
  }

  private static int perMinute(String name, int value) {
    if (value < 1 || value > Gcra.PER_MINUTE_MAX) {
      throw new ConfigurationException(
          SETTING + name + ": expected 1 to " + Gcra.PER_MINUTE_MAX + ", found " + value);
    }
    return value;
  }

  /** Here, so that a wrong setting ends the start, and the first request finds a connection. */
  void start(@Observes StartupEvent start) {
    script.open();
  }

  /** Charges a request to its payer. */
  public Future<Verdict> charge(Payer payer, Limits limits) {
    return decide(bucket(payer, limits), limits.withoutRedis(), true);
  }

  /** Says whether a request would be admitted, and charges nobody. */
  public Future<Verdict> look(Payer payer, Limits limits) {
    return decide(bucket(payer, limits), limits.withoutRedis(), false);
  }

  private Bucket bucket(Payer payer, Limits limits) {
    var own =
        switch (payer.kind()) {
          case ADDRESS -> limits.addressPerMinuteOrNull();
          case PRINCIPAL -> limits.principalPerMinuteOrNull();
        };
    var budget =
        switch (payer.kind()) {
          case ADDRESS -> "address";
          case PRINCIPAL -> "principal";
        };
    // The name has no brace in it, so nobody's id can make it another payer's bucket.
    return own == null
        ? new Bucket(PREFIX + "{" + payer.id() + "}", budget, payer.kind(), usual(payer.kind()))
        : new Bucket(
            PREFIX + limits.name() + "{" + payer.id() + "}",
            budget + " " + limits.name(),
            payer.kind(),
            own);
  }

  private int usual(Payer.Kind kind) {
    return switch (kind) {
      case ADDRESS -> addressPerMinute;
      case PRINCIPAL -> principalPerMinute;
    };
  }

  private Future<Verdict> decide(Bucket bucket, Limits.WithoutRedis withoutRedis, boolean take) {
    var known = out.find(bucket);
    if (known.isPresent()) {
      return Future.succeededFuture(verdict(bucket, known.get()));
    }
    long asked = ticker.nanos();
    return script
        .on(bucket, take)
        .map(standing -> {
          metrics.asked(ticker.nanos() - asked);
          out.learn(bucket, standing, asked);
          return verdict(bucket, standing);
        })
        .otherwise(failure -> alone(bucket, withoutRedis, take));
  }

  private Verdict alone(Bucket bucket, Limits.WithoutRedis withoutRedis, boolean take) {
    metrics.withoutRedis(withoutRedis);
    return switch (withoutRedis) {
      case CLOSED -> new Closed();
      case OPEN -> new Uncounted();
      case LOCAL -> verdict(bucket, local.on(bucket, take));
    };
  }

  private Verdict verdict(Bucket bucket, Standing standing) {
    if (standing.admitted()) {
      return new Admitted(bucket, standing);
    }
    metrics.refused(bucket.kind());
    return new Refused(bucket, standing);
  }
}
