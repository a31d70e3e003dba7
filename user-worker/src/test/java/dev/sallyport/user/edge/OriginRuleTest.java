package dev.sallyport.user.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OriginRuleTest {
  private static final boolean UPGRADE = true;
  private static final boolean BY_COOKIE = true;

  private final OriginRule rule = new OriginRule(List.of("https://app.example"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://app.example",
        "https://sallyport.example:8080",
        "http://sallyport.example:8080"
      })
  void theOwnOriginAndThoseAllowedMayChangeState(String origin) {
    assertThat(rule.permits(HttpMethod.POST, headers(origin), !UPGRADE, BY_COOKIE)).isTrue();
    assertThat(rule.permits(HttpMethod.GET, headers(origin), UPGRADE, BY_COOKIE)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://evil.example",
        "null",
        "",
        "http://app.example",
        "https://app.example:444",
        "https://app.example.evil.example",
        "https://sallyport.example",
        "https://sallyport.example:8080/",
        "HTTPS://APP.EXAMPLE"
      })
  void anyOtherOriginMayNot(String origin) {
    for (var method :
        List.of(HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE)) {
      assertThat(rule.permits(method, headers(origin), !UPGRADE, BY_COOKIE)).isFalse();
      assertThat(rule.permits(method, headers(origin), !UPGRADE, !BY_COOKIE)).isFalse();
    }
    assertThat(rule.permits(HttpMethod.GET, headers(origin), UPGRADE, BY_COOKIE)).isFalse();
    assertThat(rule.permits(HttpMethod.valueOf("PURGE"), headers(origin), !UPGRADE, !BY_COOKIE))
        .isFalse();
  }

  @Test
  void withoutAnOriginACookieChangesNothing() {
    assertThat(rule.permits(HttpMethod.POST, headers(null), !UPGRADE, BY_COOKIE)).isFalse();
    assertThat(rule.permits(HttpMethod.GET, headers(null), UPGRADE, BY_COOKIE)).isFalse();
    assertThat(rule.permits(HttpMethod.POST, headers(null), !UPGRADE, !BY_COOKIE)).isTrue();
    assertThat(rule.permits(HttpMethod.GET, headers(null), UPGRADE, !BY_COOKIE)).isTrue();
  }

  @Test
  void whoOnlyReadsMayComeFromAnywhere() {
    for (var method : List.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS)) {
      assertThat(rule.permits(method, headers("https://evil.example"), !UPGRADE, BY_COOKIE))
          .isTrue();
    }
  }

  @Test
  void everyOriginThereIsMustBeAllowed() {
    var two = headers("https://app.example").add("origin", "https://evil.example");
    assertThat(rule.permits(HttpMethod.POST, two, !UPGRADE, !BY_COOKIE)).isFalse();
  }

  @Test
  void withoutAHostOnlyTheAllowedOriginsAreLeft() {
    var headers = headers("http://null");
    headers.remove("Host");
    assertThat(rule.permits(HttpMethod.POST, headers, !UPGRADE, !BY_COOKIE)).isFalse();
  }

  private static MultiMap headers(@Nullable String origin) {
    var headers = HttpHeaders.headers().add("Host", "sallyport.example:8080");
    return origin == null ? headers : headers.add("Origin", origin);
  }
}
