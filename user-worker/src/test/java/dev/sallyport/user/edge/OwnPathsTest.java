package dev.sallyport.user.edge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OwnPathsTest {
  @ParameterizedTest
  @CsvSource({
    "/health, ANONYMOUS",
    "/.well-known/jwks.json, ANONYMOUS",
    "/auth/register, ANONYMOUS",
    "/auth/login, ANONYMOUS",
    "/auth/refresh, ANONYMOUS",
    "/auth/logout, AUTHENTICATED",
    "/auth/me, AUTHENTICATED",
    "/api/internal, AUTHENTICATED",
    "/api/internal/, AUTHENTICATED",
    "/api/internal/anything/at/all, AUTHENTICATED"
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
        "/.well-known",
        "/index.html",
        "/favicon.ico"
      })
  void everyOtherPathDoesNotExist(String path) {
    assertThat(OwnPaths.requirement(new RequestTarget(path, ""))).isNull();
  }
}
