package dev.sallyport.user.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.http.HttpMethod;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScopesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "read",
        "write",
        "read:/api",
        "write:/api/queues/orders",
        "read:/api/internal/workflows",
        "write:/api/internal/rooms/lobby@1:2"
      })
  void thisIsAScope(String text) {
    assertThat(Scopes.isScope(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "Read",
        "admin",
        "read ",
        "read write",
        "read:",
        "read:api",
        "read:/",
        "read:/api/",
        "read:/api//x",
        "read:/auth/users",
        "read:/apix",
        "write:/api/a b",
        "write:/api/a?b",
        "write:/api/a\n",
        "write:/api/a\u0000"
      })
  void thisIsNone(String text) {
    assertThat(Scopes.isScope(text)).isFalse();
  }

  @Test
  void oneThatIsTooLongIsNone() {
    assertThat(Scopes.isScope("read:/api/" + "a".repeat(190))).isTrue();
    assertThat(Scopes.isScope("read:/api/" + "a".repeat(191))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "read, GET, /api/internal/ping, true",
    "read, HEAD, /api/internal/ping, true",
    "read, OPTIONS, /api/internal/ping, true",
    "read, POST, /api/internal/ping, false",
    "read, DELETE, /api/internal/ping, false",
    "read, BREW, /api/internal/ping, false",
    "write, POST, /api/internal/ping, true",
    "write, GET, /api/internal/ping, true",
    "read write:/api/queues/orders, POST, /api/queues/orders/messages, true",
    "read write:/api/queues/orders, POST, /api/queues/orders, true",
    "read write:/api/queues/orders, POST, /api/queues/ordersx/messages, false",
    "read write:/api/queues/orders, POST, /api/queues/%6Frders/messages, false",
    "read write:/api/queues/orders, GET, /api/internal/x, true",
    "write:/api/queues/orders, GET, /api/internal/x, false",
    "write:/api/queues/orders, GET, /api/queues/orders/messages, true",
    "read:/api/internal, POST, /api/internal/x, false",
    "write, GET, /auth/me, true",
    "write:/api/queues/orders, GET, /auth/me, true",
    "read, POST, /auth/tickets, true",
    "write, POST, /auth/me, false",
    "write, POST, /auth/api-keys, false",
    "write, GET, /auth/api-keys, false",
    "write, DELETE, /auth/api-keys/x, false",
    "write, POST, /auth/logout, false",
    "write, POST, /auth/validate-session, false",
    "write, GET, /auth/users, false",
    "write, POST, /auth/oidc/x, false"
  })
  void aKeyIsHeldToItsScopes(String scopes, String method, String path, boolean permitted) {
    assertThat(Scopes.parse(scopes).permit(HttpMethod.valueOf(method), path, false))
        .isEqualTo(permitted);
  }

  @Test
  void openingASocketIsWriting() {
    assertThat(Scopes.parse("read").permit(HttpMethod.GET, "/api/internal/x", true)).isFalse();
    assertThat(Scopes.parse("write").permit(HttpMethod.GET, "/api/internal/x", true)).isTrue();
  }

  @Test
  void whoSignedInMayDoEverything() {
    assertThat(Scopes.UNLIMITED.permit(HttpMethod.POST, "/auth/api-keys", false)).isTrue();
    assertThat(Scopes.UNLIMITED.list()).isEmpty();
  }

  @Test
  void aRowGivesBackWhatWasAskedFor() {
    var asked = List.of("write:/api/queues/orders", "read");
    assertThat(Scopes.parse(Scopes.of(asked).stored()).list()).isEqualTo(asked);
  }

  @Test
  void aKeyWithoutAScopeCanNeitherBeMadeNorRead() {
    assertThatThrownBy(() -> Scopes.of(List.of())).isInstanceOf(IllegalArgumentException.class);
    for (var stored : Arrays.asList("", "read  write", "all")) {
      assertThatThrownBy(() -> Scopes.parse(stored)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
