package dev.sallyport.user.edge;

import dev.sallyport.user.binding.BindingHealth;
import dev.sallyport.user.binding.BindingHealth.Status;
import io.smallrye.common.annotation.NonBlocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** What the public may know of our health. Waits for nothing, so it answers however ill we are. */
@Path("/health")
public class HealthResource {
  private final BindingHealth bindings;
  private final String worker;
  private final String version;

  /**
   * @param status {@code degraded} while a binding is down
   */
  record Health(String status, String worker, String version, Map<String, One> bindings) {}

  /**
   * @param responseTimeMs of the last probe; absent while there is none that succeeded
   */
  record One(String status, @Nullable Double responseTimeMs) {}

  @Inject
  HealthResource(
      BindingHealth bindings,
      @ConfigProperty(name = "quarkus.application.name") String worker,
      @ConfigProperty(name = "quarkus.application.version") String version) {
    this.bindings = bindings;
    this.worker = worker;
    this.version = version;
  }

  @GET
  @NonBlocking
  @Produces(MediaType.APPLICATION_JSON)
  public Health health() {
    var all = new TreeMap<String, One>();
    boolean degraded = false;
    for (var binding : bindings.all().entrySet()) {
      var health = binding.getValue();
      degraded |= health.status() == Status.DOWN;
      all.put(binding.getKey(), new One(health.status().text(), health.responseTimeMs()));
    }
    return new Health(degraded ? "degraded" : "up", worker, version, all);
  }
}
