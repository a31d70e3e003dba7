package dev.sallyport.user.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.user.route.Requirement;
import io.vertx.core.http.HttpMethod;
import java.util.Objects;
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
    "/auth/validate-session, AUTHENTICATED",
    "/auth/api-keys, AUTHENTICATED",
    "/auth/api-keys/1, AUTHENTICATED",
    "/auth/users, ADMIN",
    "/auth/users/1, ADMIN",
    "/api/queues/orders/messages, AUTHENTICATED",
    "/api/queues/orders/batches, AUTHENTICATED"
  })
  void eachPathThereIsSaysWhomItWants(String path, Requirement requirement) {
    assertThat(OwnPaths.find(path)).isNotNull();
    assertThat(Objects.requireNonNull(OwnPaths.find(path)).requirement()).isEqualTo(requirement);
  }

  @ParameterizedTest
  @CsvSource({
    "/health, GET, POST",
    "/health, HEAD, DELETE",
    "/.well-known/jwks.json, GET, PUT",
    "/auth/login, POST, GET",
    "/auth/me, GET, POST",
    "/auth/me, HEAD, OPTIONS",
    "/api/queues/orders/messages, POST, TRACE"
  })
  void eachPathKnowsItsMethods(String path, String taken, String other) {
    var own = Objects.requireNonNull(OwnPaths.find(path));
    assertThat(own.takes(HttpMethod.valueOf(taken))).isTrue();
    assertThat(own.takes(HttpMethod.valueOf(other))).isFalse();
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
        "/auth/users/",
        "/auth/users/1/",
        "/auth/users/1/x",
        "/auth/api-keys/",
        "/api",
        "/api/internal",
        "/api/internal/anything",
        "/api/internalx",
        "/api/internal.json",
        "/api/rpc",
        "/api/rpc/",
        "/api/rpc/sample",
        "/api/rpcx",
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
    assertThat(OwnPaths.find(path)).isNull();
  }
}
