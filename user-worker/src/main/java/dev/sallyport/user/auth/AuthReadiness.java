package dev.sallyport.user.auth;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready once accounts have been usable, and from then on, whatever becomes of Postgres. A worker
 * that never got there has wrong settings or a wrong database: it must not take the place of one
 * that works, so a rollout stops at it. When Postgres goes away later it is away for all, and our
 * own 503 says more than that of a gateway that has nobody left to ask.
 */
@Readiness
@Singleton
class AuthReadiness implements HealthCheck {
  private final AuthStartup startup;

  @Inject
  AuthReadiness(AuthStartup startup) {
    this.startup = startup;
  }

  @Override
  public HealthCheckResponse call() {
    var response = HealthCheckResponse.named("accounts");
    return startup
        .trouble()
        .map(why -> response.down().withData("reason", why))
        .orElseGet(response::up)
        .build();
  }
}
