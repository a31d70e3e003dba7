package dev.sallyport.data.binding;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Shows that signed calls were refused for their time within the last minute. Always up: one
 * user-worker with a wrong clock must not take every data-worker out of service for all the others,
 * and a data-worker whose own clock is wrong would only come back a minute later, when nobody calls
 * it any more. The counter {@code sallyport_binding_refused_calls_total} is for alerts; this is for
 * whoever looks.
 */
@Readiness
@Singleton
class ClockReadiness implements HealthCheck {
  private final ClockSkew skew;

  @Inject
  ClockReadiness(ClockSkew skew) {
    this.skew = skew;
  }

  @Override
  public HealthCheckResponse call() {
    var response = HealthCheckResponse.named("clock").up();
    return skew.recent()
        .map(behind -> response.withData("refusedCallBehindSeconds", behind.toSeconds()))
        .orElse(response)
        .build();
  }
}
