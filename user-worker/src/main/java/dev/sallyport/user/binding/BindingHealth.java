package dev.sallyport.user.binding;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What the last background probe of each binding found. Reading it never waits. A probe is a signed
 * call of ours; only a 200 says that the service can be used. Addresses to which a breaker stops
 * calls are probed, too; there any answer will do.
 */
@ApplicationScoped
public class BindingHealth {
  private static final Logger LOG = Logger.getLogger(BindingHealth.class);
  private static final Duration EVERY = Duration.ofSeconds(1);
  private static final int OK = 200;

  /** What is known of a binding. */
  public enum Status {
    UP,
    DOWN,
    /** Not probed yet. */
    UNKNOWN;

    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * What a probe found.
   *
   * @param responseTimeMs how long the last probe took, or null while there is none
   */
  public record Health(Status status, @Nullable Double responseTimeMs) {}

  private static final Health UNKNOWN = new Health(Status.UNKNOWN, null);

  private final Bindings bindings;
  private final Vertx vertx;
  private final MeterRegistry metrics;
  private final Map<String, Health> last = new ConcurrentHashMap<>();
  private volatile boolean stopped;

  @Inject
  BindingHealth(Bindings bindings, Vertx vertx, MeterRegistry metrics) {
    this.bindings = bindings;
    this.vertx = vertx;
    this.metrics = metrics;
  }

  void start(@Observes StartupEvent start) {
    for (var binding : bindings.all()) {
      Gauge.builder("sallyport_binding_up", () -> isUp(binding.name()) ? 1 : 0)
          .description("1 while the last probe of a private service was answered with 200")
          .tag("binding", binding.name())
          .register(metrics);
      vertx.runOnContext(now -> probe(binding));
      var breakers = binding.breakers();
      vertx.setPeriodic(breakers.probeEvery().toMillis(), now -> probeOpen(breakers));
    }
  }

  void stop(@Observes ShutdownEvent stop) {
    stopped = true;
  }

  /** Every binding by name. */
  public Map<String, Health> all() {
    var all = new TreeMap<String, Health>();
    for (var binding : bindings.all()) {
      all.put(binding.name(), last.getOrDefault(binding.name(), UNKNOWN));
    }
    return all;
  }

  private void probe(Binding binding) {
    if (stopped) {
      return;
    }
    long began = System.nanoTime();
    binding
        .probe(null, binding.timeout())
        .onComplete(answer -> {
          if (stopped) {
            return;
          }
          boolean up = answer.succeeded() && answer.result() == OK;
          note(binding.name(), up, System.nanoTime() - began);
          vertx.setTimer(EVERY.toMillis(), again -> probe(binding));
        });
  }

  private void probeOpen(Breakers breakers) {
    if (!stopped) {
      breakers.probeOpen();
    }
  }

  private boolean isUp(String binding) {
    return last.getOrDefault(binding, UNKNOWN).status() == Status.UP;
  }

  private void note(String name, boolean up, long nanos) {
    double millis = Math.round(nanos / 1e4) / 1e2;
    var now = new Health(up ? Status.UP : Status.DOWN, up ? millis : null);
    var before = last.put(name, now);
    if (before == null || before.status() != now.status()) {
      LOG.infof("binding %s is %s", name, now.status().text());
    }
  }
}
