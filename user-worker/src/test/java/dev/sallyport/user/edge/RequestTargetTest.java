package dev.sallyport.user.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTargetTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/api/internal",
        "/api/internal/",
        "/api/internal/ping",
        "/api/internal/a.b/..c/.../c..",
        "/api/internal/%C3%A9%20%3F%23",
        "/api/internal/a:b@c!$&'()*+,=~_-",
        "/api/internal/ping?a=../..//;%2e%2e&b=c?d",
        "/api/internal/ping?%",
      })
  void aPlainPathIsPassedOnAsSent(String sent) {
    assertThat(RequestTarget.parse(sent)).map(RequestTarget::text).contains(sent);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Dot segments in every spelling.
        "/api/internal/..",
        "/api/internal/../auth/me",
        "/api/internal/./ping",
        "/api/internal/.",
        "/..",
        "/api/internal/%2e%2e/auth/me",
        "/api/internal/%2E%2E/",
        "/api/internal/.%2e/x",
        "/api/internal/%2E./x",
        "/api/internal/%2e/x",
        // Encoded twice: another server might decode once more than we do.
        "/api/internal/%252e%252e/x",
        "/api/internal/%25",
        // Empty segments.
        "//api/internal/ping",
        "/api//internal/ping",
        "/api/internal//ping",
        "/api/internal//",
        "//",
        // Parameters.
        "/api/internal/ping;a=b",
        "/api/internal/..;/auth",
        "/;/api/internal",
        "/api/internal/%3b",
        // Slashes of another kind.
        "/api/internal/..%2fauth",
        "/api/internal/a%2Fb",
        "/api/internal/a%5cb",
        "/api/internal/a%5Cb",
        "/api/internal/a\\b",
        "\\api\\internal",
        // Control characters, spaces, what must be encoded, and what is not encoded right.
        "/api/internal/%00",
        "/api/internal/%0d%0a",
        "/api/internal/%1F",
        "/api/internal/%7f",
        "/api/internal/a b",
        "/api/internal/a\tb",
        "/api/internal/\u0000",
        "/api/internal/\u00e9",
        "/api/internal/\uff0e\uff0e/x",
        "/api/internal/\u2215",
        "/api/internal/\"<>^`{|}",
        "/api/internal/#",
        "/api/internal/%",
        "/api/internal/%2",
        "/api/internal/%zz",
        "/api/internal/%2\uff10",
        "/api/internal/%-1",
        "/api/internal/%+1",
        // Not an absolute path at all.
        "",
        "*",
        "?a",
        "api/internal/ping",
        "http://localhost/api/internal/ping",
        "https://a/api/internal/ping",
        "localhost:8080",
        // Queries that no browser sends.
        "/api/internal/ping?a b",
        "/api/internal/ping?a#b",
        "/api/internal/ping?a\\b",
        "/api/internal/ping?\u00e9",
        "/api/internal/ping?\u007f",
      })
  void aTargetThatTwoServersCouldReadDifferentlyIsNone(String sent) {
    assertThat(RequestTarget.parse(sent)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/internalx",
        "/api/internal.",
        "/api/internal%20/ping",
        "/api/Internal/ping",
        "/api/%69nternal/ping",
        "/api",
        "/x/api/internal/ping",
        "/?/api/internal/ping",
      })
  void onlyThePrivatePathItselfAndWhatLiesBelowIsPrivate(String sent) {
    assertThat(RequestTarget.parse(sent).orElseThrow().isPrivate()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/internal", "/api/internal/", "/api/internal/x", "/api/internal?x"})
  void thePrivatePathIsPrivate(String sent) {
    assertThat(RequestTarget.parse(sent).orElseThrow().isPrivate()).isTrue();
  }

  @Test
  void theQueryIsKeptAsSent() {
    var target = RequestTarget.parse("/a?b=%2e&c=..%00%zz??").orElseThrow();
    assertThat(target.path()).isEqualTo("/a");
    assertThat(target.query()).isEqualTo("b=%2e&c=..%00%zz??");
  }

  @Test
  void whatPassesStaysWhereItIsWhoeverNormalisesIt() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    var pieces = "/,.,..,%2e,%2E,%2f,%5c,%25,a,;,\\,%00,%3b,?,%c3%a9,:,//".split(",", -1);
    for (int run = 0; run < 20_000; run++) {
      var sent = new StringBuilder("/api/internal");
      for (int piece = random.nextInt(6); piece >= 0; piece--) {
        sent.append(pieces[random.nextInt(pieces.length)]);
      }
      RequestTarget.parse(sent.toString())
          .filter(target -> target.path().equals("/api/internal") || target.isPrivate())
          .ifPresent(target -> {
            var path = URI.create("http://a" + target.path()).normalize().getPath();
            assertThat(path).as("seed %d, sent %s", seed, sent).startsWith("/api/internal");
            assertThat(URI.create(target.path()).normalize().getRawPath())
                .as("seed %d, sent %s", seed, sent)
                .isEqualTo(target.path());
          });
    }
  }

  @Test
  void anEmptyQueryIsStillAQuery() {
    assertThat(RequestTarget.parse("/api/internal/x?").orElseThrow().text())
        .isEqualTo("/api/internal/x?");
    assertThat(RequestTarget.parse("/api/internal/x").orElseThrow().text())
        .isEqualTo("/api/internal/x");
  }
}
