package dev.sallyport.data.platform;

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
          "sallyport.actor.open",
          "sallyport.audit.keep",
          "sallyport.binding.name",
          "sallyport.blob.access-key",
          "sallyport.blob.bucket",
          "sallyport.blob.bytes-max",
          "sallyport.blob.directory",
          "sallyport.blob.endpoint",
          "sallyport.blob.path-style",
          "sallyport.blob.prefix",
          "sallyport.blob.region",
          "sallyport.blob.secret-key",
          "sallyport.queue.replication",
          "sallyport.cron.jobs",
          "sallyport.sample.enabled",
          "sallyport.signing.keys",
          "sallyport.trust",
          "sallyport.worker.id",
          "sallyport.workflow.slots",
          "sallyport.worker.address");

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
