package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No spelling of a path leaves {@code /api/internal/}. */
@ExtendWith(SharedDeployment.class)
class PathsTest {
  private final Gate gate;
  private final String marker = Gate.marker();

  PathsTest(Gate gate) {
    this.gate = gate;
  }

  private RawAnswer send(String method, String target) {
    try (var socket = gate.connect()) {
      socket.send(gate.head(method + " " + target + " HTTP/1.1"));
      return socket.answer();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/internal/../auth/me?#",
        "/api/internal/..?#",
        "/api/internal/.?#",
        "/api/internal/./#",
        "/api/internal/%2e%2e/auth/#",
        "/api/internal/%2E%2e/%2e./#",
        "/api/internal/.%2e/auth/#",
        "/api/internal/x/%2e%2e/%2E%2E/auth/#",
        "/api/internal/..%2fauth/#",
        "/api/internal%2f..%2fauth/#",
        "/api/internal/%2e%2e%2fauth/#",
        "/api/internal/..%5cauth/#",
        "/api/internal/..\\auth\\#",
        "/api/internal\\#",
        "/api/internal/..;/auth/#",
        "/api/internal/..;x=1/auth/#",
        "/api/internal;/../auth/#",
        "/api/internal;x/#",
        "/api;/internal/#",
        "/api/internal//../../auth/#",
        "//api/internal/#",
        "/api//internal/#",
        "/./api/internal/#",
        "/auth/../api/internal/#",
        "/api%2finternal/#",
        "/api/internal%2f#",
        "/%61pi/internal/#",
        "/api/internal/x%00/../#",
        "/api/internal/%0d%0aX-User-Id:%20eve/../#",
        "/api/internal/%u002e%u002e/#",
        "/api/internal/%/#",
        "/api/internal/%2/#",
        "/api/internal/%zz/#",
        "/API/INTERNAL/#",
        "/Api/Internal/#",
        "/api/internalx/#",
        "/api/internal./#",
        "/api/internal%20/#",
        "/api/public/#",
        "api/internal/#",
        "..//api/internal/#"
      })
  void aPathThatSomebodyCouldReadDifferentlyIsRefused(String pattern) {
    var target = pattern.replace("#", marker);
    var answer = send("GET", target);
    assertThat(answer.status()).as(answer.text()).isIn(400, 404);
    assertThat(gate.recorder().seen(marker)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/internal//#",
        "/api/internal/a//#",
        "/api/internal/%c0%ae%c0%ae/auth/#",
        "/api/internal/#;v=1",
        "/api/internal/#%2fb",
        "/api/internal/#%5cb",
        "/api/internal/#%3bb",
        "/api/internal/%252e%252e/#",
        "/api/internal/#%0d%0aX-User-Id:%20eve",
        "/api/internal/#%00",
        "/api/internal/...#",
        "/api/internal/#..",
        "/api/internal/#/?x=/../..",
        "/api/internal/#?\\..",
        "/api/internal/\u00e9#"
      })
  void anOddPathIsRefusedOrStaysInsideUnchanged(String pattern) {
    var target = pattern.replace("#", marker);
    var answer = send("GET", target);
    var seen = gate.recorder().seen(marker);
    if (answer.status() == 200) {
      assertThat(seen).hasSize(1);
      assertThat(seen.getFirst().target()).isEqualTo(target);
      assertThat(asALenientServerReadsIt(target)).startsWith("/api/internal/");
      assertThat(seen.getFirst().headers().all("X-User-Id"))
          .containsExactly(gate.session().account().id());
    } else {
      assertThat(answer.status()).isIn(400, 404);
      assertThat(seen).isEmpty();
    }
  }

  /** Decoded twice, backslashes turned, parameters cut, dots resolved. */
  private static String asALenientServerReadsIt(String target) {
    var path = target.split("\\?", 2)[0];
    for (int i = 0; i < 2; i++) {
      path = path.replaceAll("(?i)%2e", ".").replaceAll("(?i)%2f", "/").replaceAll("%25", "%");
      path = path.replaceAll("(?i)%5c", "\\\\").replaceAll("(?i)%3b", ";").replace('\\', '/');
    }
    var segments = new ArrayDeque<String>();
    for (var segment : path.split("/", -1)) {
      var name = segment.split(";", 2)[0];
      if (name.equals("..")) {
        segments.pollLast();
      } else if (!name.isEmpty() && !name.equals(".")) {
        segments.addLast(name);
      }
    }
    return "/" + String.join("/", segments);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://evil.example/api/internal/#",
        "https://evil.example/api/internal/#",
        "http://evil.example:80/auth/../api/internal/#",
        "http://user@evil.example/api/internal/#",
        "http:///api/internal/#",
        "HTTP://LOCALHOST/api/internal/#",
        "file:///etc/passwd?#",
        "http://evil.example?#"
      })
  void anAbsoluteTargetGoesNowhereElse(String pattern) {
    assertRefusedOrInside(pattern.replace("#", marker));
  }

  @Test
  void anAbsoluteTargetThatNamesThePrivateWorkerIsNoWayIn() {
    assertRefusedOrInside(gate.recorder().url() + "/q/metrics?" + marker);
    assertRefusedOrInside(gate.recorder().url() + "/auth/me?" + marker);
    assertRefusedOrInside(gate.recorder().url() + "/api/internal/../" + marker);
  }

  private void assertRefusedOrInside(String target) {
    var answer = send("GET", target);
    var seen = gate.recorder().seen(marker);
    if (answer.status() == 200) {
      assertThat(seen).hasSize(1);
      assertThat(seen.getFirst().target()).isEqualTo("/api/internal/" + marker);
    } else {
      assertThat(answer.status()).isIn(400, 404, 421);
      assertThat(seen).isEmpty();
    }
  }

  @Test
  void otherFormsOfTargetsAreRefused() {
    var before = gate.recorder().seen().size();
    assertThat(send("OPTIONS", "*").status()).isIn(400, 404, 405);
    assertThat(send("CONNECT", "127.0.0.1:" + gate.recorder().url().getPort()).status())
        .isIn(400, 404, 405, 501);
    assertThat(send("CONNECT", "/api/internal/").status()).isIn(400, 404, 405, 501);
    assertThat(send("GET", "127.0.0.1:80").status()).isIn(400, 404);
    assertThat(gate.recorder().seen()).hasSize(before);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a=1&b=2",
        "q=a%20b+c&empty=&=x&flag",
        "path=/../..&enc=%2e%2e%2f&again=%252e",
        "uni=%E2%82%AC;x,y:z@!$'()*",
        "a=1?b=2&&c",
        "size=10&size=20"
      })
  void theQueryPassesExactlyAsSent(String query) {
    var target = "/api/internal/" + marker + "?" + query;
    assertThat(send("GET", target).status()).isEqualTo(200);
    assertThat(gate.recorder().seen(marker))
        .singleElement()
        .satisfies(seen -> assertThat(seen.target()).isEqualTo(target));
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"})
  void anyMethodGoesToTheSamePath(String method) {
    var target = "/api/internal/a/b-c_d.e~f/" + marker;
    assertThat(send(method, target).status()).isEqualTo(200);
    assertThat(gate.recorder().seen(marker))
        .singleElement()
        .satisfies(seen -> {
          assertThat(seen.method()).isEqualTo(method);
          assertThat(seen.target()).isEqualTo(target);
        });
  }
}
