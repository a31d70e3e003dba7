package dev.sallyport.user.edge;

import dev.sallyport.user.auth.Authenticator;
import dev.sallyport.user.auth.Principal;
import dev.sallyport.user.binding.BindingHealth;
import dev.sallyport.user.binding.BindingHealth.Status;
import io.smallrye.common.annotation.NonBlocking;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.eclipse.microprofile.config.ConfigProvider;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * What the public may know of our health. Waits for nothing, so it answers however ill we are; who
 * shows a credential waits until it is judged, and an admin is told more.
 */
@Path("/health")
public class HealthResource {
  /**
   * What must be kept secret, by the setting that holds it: all that is told is whether it is set.
   */
  private static final List<String> SECRETS =
      List.of(
          "quarkus.datasource.password",
          "sallyport.auth.key-encryption-key",
          "sallyport.bootstrap.admin.password",
          "sallyport.signing.keys");

  private final Authenticator authenticator;
  private final InstantSource clock;
  private final BindingHealth bindings;
  private final String worker;
  private final String version;

  /**
   * @param status {@code degraded} while a binding is down
   * @param timestamp for admins: now, here
   * @param secrets for admins: whether each is set
   */
  record Health(
      String status,
      String worker,
      String version,
      Map<String, One> bindings,
      @Nullable String timestamp,
      @Nullable Map<String, Boolean> secrets) {}

  /**
   * @param responseTimeMs of the last probe; absent while there is none that succeeded
   */
  record One(String status, @Nullable Double responseTimeMs) {}

  @Inject
  HealthResource(
      BindingHealth bindings,
      Authenticator authenticator,
      InstantSource clock,
      @ConfigProperty(name = "quarkus.application.name") String worker,
      @ConfigProperty(name = "quarkus.application.version") String version) {
    this.bindings = bindings;
    this.authenticator = authenticator;
    this.clock = clock;
    this.worker = worker;
    this.version = version;
  }

  @GET
  @NonBlocking
  @Produces(MediaType.APPLICATION_JSON)
  public Uni<Health> health(RoutingContext context) {
    // The request is charged to its address already, as one that needs no credential.
    var asked = authenticator.identify(context.request().headers(), true, Future::succeededFuture);
    return Uni.createFrom()
        .completionStage(asked.otherwise(Optional.empty()).toCompletionStage())
        .map(caller -> health(caller.isPresent() && isAdmin(caller.get())));
  }

  private static boolean isAdmin(Principal caller) {
    return caller.hasRole("admin") && caller.scopes().permit(HttpMethod.GET, "/health", false);
  }

  private Health health(boolean admin) {
    var all = new TreeMap<String, One>();
    boolean degraded = false;
    for (var binding : bindings.all().entrySet()) {
      var health = binding.getValue();
      degraded |= health.status() == Status.DOWN;
      all.put(binding.getKey(), new One(health.status().text(), health.responseTimeMs()));
    }
    return new Health(
        degraded ? "degraded" : "up",
        worker,
        version,
        all,
        admin ? clock.instant().toString() : null,
        admin ? secrets() : null);
  }

  private static Map<String, Boolean> secrets() {
    var config = ConfigProvider.getConfig();
    var set = new TreeMap<String, Boolean>();
    for (var name : SECRETS) {
      set.put(name, !config.getOptionalValue(name, String.class).orElse("").isEmpty());
    }
    return set;
  }
}
