package dev.sallyport.user.binding;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sallyport.user.platform.Ticker;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The breakers of a binding: one for its own address, and one for each worker that is called at an
 * address of its own. Thread-safe, does not block. A worker that nobody has called for ten minutes
 * is forgotten, and of more than {@value #OTHERS_MAX} the least used.
 */
final class Breakers {
  /** Asks an address how it is. */
  interface Prober {
    /**
     * Succeeds when there is an answer, whatever it is.
     *
     * @param at null for the binding's own address
     */
    Future<?> probe(@Nullable WorkerAddress at, Duration within);
  }

  private static final Logger LOG = Logger.getLogger(Breakers.class);
  private static final int OTHERS_MAX = 1_000;

  /**
   * From when it is first called: one that fails is found out anew with three calls. By write,
   * since Quarkus's native support knows no cache that counts from the last access.
   */
  private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(10);

  private final String binding;
  private final BreakerRules rules;
  private final Ticker ticker;
  private final Prober prober;
  private final Breaker own;
  private final Cache<WorkerAddress, Breaker> others =
      Caffeine.newBuilder()
          .maximumSize(OTHERS_MAX)
          .expireAfterWrite(FORGOTTEN_AFTER)
          .executor(Runnable::run)
          .build();
  private final Counter opened;

  Breakers(
      String binding, BreakerRules rules, Ticker ticker, Prober prober, MeterRegistry metrics) {
    this.binding = binding;
    this.rules = rules;
    this.ticker = ticker;
    this.prober = prober;
    this.own = new Breaker(rules, ticker);
    this.opened =
        Counter.builder("sallyport_binding_breaker_opened")
            .description("How often calls to an address of a private service were stopped")
            .tag("binding", binding)
            .register(metrics);
    Gauge.builder("sallyport_binding_breakers_open", this, Breakers::countOpen)
        .description("Addresses of a private service to which calls are stopped now")
        .tag("binding", binding)
        .register(metrics);
  }

  /**
   * The breaker of this address.
   *
   * @param at null for the binding's own
   */
  Breaker of(@Nullable WorkerAddress at) {
    return at == null ? own : others.get(at, other -> new Breaker(rules, ticker));
  }

  /** The call that entered there with this pass failed. */
  void failed(@Nullable WorkerAddress at, Breaker breaker, Breaker.Pass pass) {
    if (breaker.failed(pass)) {
      opened.increment();
      LOG.warnf(
          "binding %s: calls to %s are stopped until it answers again",
          binding, at == null ? "it" : at.text());
    }
  }

  /** Asks each address to which calls are stopped whether it answers; to be called now and then. */
  void probeOpen() {
    eachOpen((at, breaker) ->
        prober
            .probe(at, rules.probeEvery())
            .onSuccess(answered -> {
              breaker.answeredProbe();
              LOG.infof("binding %s: %s answers again", binding, at == null ? "it" : at.text());
            }));
  }

  Duration probeEvery() {
    return rules.probeEvery();
  }

  private double countOpen() {
    return (own.isOpen() ? 1 : 0)
        + others.asMap().values().stream().filter(Breaker::isOpen).count();
  }

  private void eachOpen(BiConsumer<@Nullable WorkerAddress, Breaker> what) {
    if (own.isOpen()) {
      what.accept(null, own);
    }
    // Reading the map this way does not count as a use.
    for (Map.Entry<WorkerAddress, Breaker> other : others.asMap().entrySet()) {
      if (other.getValue().isOpen()) {
        what.accept(other.getKey(), other.getValue());
      }
    }
  }
}
