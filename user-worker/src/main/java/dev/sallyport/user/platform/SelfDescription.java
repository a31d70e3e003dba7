package dev.sallyport.user.platform;

import dev.sallyport.model.SettingNames;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Collection;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * What a worker tells about itself: which release it is, as a metric, and which of its variables it
 * does not understand, in the log. The second comes a second after the start, since nobody waits
 * for it. Unknown variables are no reason to refuse the start: an environment is often shared.
 */
@Singleton
class SelfDescription {
  /** Every setting below {@code sallyport.}; a test compares them with the interfaces. */
  static final SettingNames SETTINGS =
      SettingNames.of(
          "sallyport.audit.enabled",
          "sallyport.audit.waiting-max",
          "sallyport.auth.access-token-lifetime",
          "sallyport.auth.audience",
          "sallyport.auth.issuer",
          "sallyport.auth.issuers.*.algorithms",
          "sallyport.auth.issuers.*.audience",
          "sallyport.auth.issuers.*.jwks-url",
          "sallyport.auth.issuers.*.trust-email",
          "sallyport.auth.issuers.*.url",
          "sallyport.auth.key-encryption-key",
          "sallyport.auth.remembered-max",
          "sallyport.auth.secure-cookie",
          "sallyport.auth.session-lifetime",
          "sallyport.auth.signing-key-lifetime",
          "sallyport.bindings.*.breaker.failure-percent",
          "sallyport.bindings.*.breaker.failures",
          "sallyport.bindings.*.breaker.open-for",
          "sallyport.bindings.*.breaker.probe-every",
          "sallyport.bindings.*.breaker.window",
          "sallyport.bindings.*.calls-max",
          "sallyport.bindings.*.connect-timeout",
          "sallyport.bindings.*.connections-max",
          "sallyport.bindings.*.entrypoint",
          "sallyport.bindings.*.health-path",
          "sallyport.bindings.*.retries",
          "sallyport.bindings.*.retry-percent",
          "sallyport.bindings.*.silence",
          "sallyport.bindings.*.streams-max",
          "sallyport.bindings.*.timeout",
          "sallyport.bindings.*.tls",
          "sallyport.bindings.*.tunnels-max",
          "sallyport.bindings.*.url",
          "sallyport.bindings.*.waiting-max",
          "sallyport.bootstrap.admin.email",
          "sallyport.bootstrap.admin.password",
          "sallyport.bootstrap.demo.email",
          "sallyport.bootstrap.demo.password",
          "sallyport.demo.enabled",
          "sallyport.hosts",
          "sallyport.limit.address-per-minute",
          "sallyport.limit.patience",
          "sallyport.limit.principal-per-minute",
          "sallyport.origins",
          "sallyport.routes.file",
          "sallyport.signing.keys",
          "sallyport.trust",
          "sallyport.trusted-hops");

  private static final Logger LOG = Logger.getLogger(SelfDescription.class);
  private static final long LATER_MILLIS = 1000;

  private final Vertx vertx;

  @Inject
  SelfDescription(
      Vertx vertx,
      MeterRegistry metrics,
      @ConfigProperty(name = "quarkus.application.name") String worker,
      @ConfigProperty(name = "quarkus.application.version") String version) {
    this.vertx = vertx;
    Gauge.builder("sallyport_worker_info", () -> 1)
        .description("Which worker this is, and of which release")
        .tag("worker", worker)
        .tag("version", version)
        .register(metrics);
  }

  void start(@Observes StartupEvent start) {
    vertx.setTimer(LATER_MILLIS, later -> warn(System.getenv().keySet()));
  }

  private static void warn(Collection<String> variables) {
    for (var name : SETTINGS.unknown(variables)) {
      LOG.warnf("%s is no setting of this worker and changes nothing: correct or remove it", name);
    }
  }
}
