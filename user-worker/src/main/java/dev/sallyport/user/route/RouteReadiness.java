package dev.sallyport.user.route;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready unless the worker began with a {@code routes.json} that cannot be taken and nobody has told
 * it of a better one: it would answer 404 where others answer, so a rollout stops at it. A file
 * that is spoilt later changes nothing, since the routes before it stay.
 */
@Readiness
@Singleton
class RouteReadiness implements HealthCheck {
  private final Routes routes;

  @Inject
  RouteReadiness(Routes routes) {
    this.routes = routes;
  }

  @Override
  public HealthCheckResponse call() {
    var response = HealthCheckResponse.named("routes");
    return routes
        .neverUsable()
        .map(why -> response.down().withData("reason", why))
        .orElseGet(response::up)
        .build();
  }
}
