package dev.sallyport.user.edge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OwnPathsTest {
  @ParameterizedTest
  @CsvSource({
    "/demo/room, ANONYMOUS",
    "/health, ANONYMOUS",
    "/.well-known/jwks.json, ANONYMOUS",
    "/auth/register, ANONYMOUS",
    "/auth/login, ANONYMOUS",
    "/auth/refresh, ANONYMOUS",
    "/auth/logout, AUTHENTICATED",
    "/auth/me, AUTHENTICATED",
    "/auth/tickets, AUTHENTICATED",
    "/api/internal, AUTHENTICATED",
    "/api/internal/, AUTHENTICATED",
    "/api/internal/anything/at/all, AUTHENTICATED",
    "/api/queues/orders/messages, AUTHENTICATED",
    "/api/queues/orders/batches, AUTHENTICATED"
  })
  void eachPathThereIsSaysWhomItWants(String path, Requirement requirement) {
    assertThat(OwnPaths.requirement(new RequestTarget(path, ""))).isEqualTo(requirement);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/q",
        "/q/health",
        "/q/health/ready",
        "/q/metrics",
        "/q/dev-ui",
        "/health/",
        "/Health",
        "/auth",
        "/auth/",
        "/auth/me/",
        "/auth/LOGIN",
        "/auth/login/x",
        "/api",
        "/api/internalx",
        "/api/internal.json",
        "/api/queues",
        "/api/queues/messages",
        "/api/queues/orders",
        "/api/queues/orders/dead",
        "/api/queues/orders/messages/",
        "/api/queues/orders/messages/1",
        "/.well-known",
        "/demo",
        "/demoroom",
        "/index.html",
        "/favicon.ico"
      })
  void everyOtherPathDoesNotExist(String path) {
    assertThat(OwnPaths.requirement(new RequestTarget(path, ""))).isNull();
  }
}
