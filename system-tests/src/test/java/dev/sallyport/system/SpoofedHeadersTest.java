package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.model.WorkerHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * No client can say who it is: whatever it writes, in whatever spelling and by whatever way, the
 * private side gets our headers once each, with our values, under our signature.
 */
@ExtendWith(SharedDeployment.class)
class SpoofedHeadersTest {
  /** Stands in every forged value and in nothing else. */
  private static final String FORGED = "eve-was-here";

  private final Gate gate;
  private final OurWord ours;
  private final OneInOneOut one;
  private final String target;

  SpoofedHeadersTest(Deployment deployment, Gate gate) {
    this.gate = gate;
    this.ours = new OurWord(deployment, gate);
    this.one = new OneInOneOut(gate);
    this.target = "/api/internal/" + one.marker();
  }

  /** Each that we write or believe, and each by which others tell an address, a host or a user. */
  static Stream<String> names() {
    return Stream.concat(
        WorkerHeaders.ADDED_BY_USER_WORKER.stream(),
        Stream.of(
            "X-User-Email",
            "X-User-Anything",
            "X-Internal-Anything",
            "X-Internal-User-Id",
            "X-Sallyport-Trust",
            "X-Sallyport-Binding",
            "Forwarded",
            "X-Forwarded-For",
            "X-Forwarded-Host",
            "X-Forwarded-Proto",
            "X-Forwarded-User",
            "X-Forwarded-Client-Cert",
            "X-Real-IP",
            "X-Original-URL",
            "X-Remote-User",
            "X-HTTP-Method-Override"));
  }

  /** A name as a careless reader might take it for the same. */
  private static List<String> spellings(String name) {
    var lower = name.toLowerCase(Locale.ROOT);
    var spellings =
        new ArrayList<>(
            List.of(
                name,
                lower,
                name.toUpperCase(Locale.ROOT),
                name.replace('-', '_'),
                lower.replace('-', '_'),
                name.toUpperCase(Locale.ROOT).replace('-', '_'),
                name.replaceFirst("-", "_"),
                name.replace('-', '.'),
                name.replace('-', '~'),
                name.replace("-", "--"),
                name.replace("-", ""),
                "-" + name,
                name + "-",
                "HTTP_" + name.replace('-', '_')));
    var swapped = new StringBuilder();
    lower
        .chars()
        .forEach(c -> swapped.append(swapped.length() % 2 == 0 ? (char) c : upper((char) c)));
    spellings.add(swapped.toString());
    return spellings;
  }

  private static char upper(char c) {
    return Character.toUpperCase(c);
  }

  private Recorder.Seen assertOnlyOurWord(RawAnswer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    var seen = one.seen().getLast();
    ours.assertOnly(seen);
    assertThat(seen.mentions(FORGED)).isFalse();
    assertThat(seen.headers().first("X-Request-Id"))
        .isEqualTo(answer.headers().first("X-Request-Id"));
    return seen;
  }

  @ParameterizedTest
  @MethodSource("names")
  void aHeaderOfOursInAnySpellingIsDropped(String name) {
    try (var socket = gate.connect()) {
      for (var spelling : spellings(name)) {
        var line = spelling + ": " + FORGED;
        socket.send(gate.head("GET " + target + " HTTP/1.1", line, line + "-2"));
        assertOnlyOurWord(socket.answer());
      }
    }
    assertThat(one.seen()).hasSize(spellings(name).size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-User-Id: admin",
        "X-User-Roles: admin",
        "X-User-Roles: user,admin",
        "X-Internal-Request: false",
        "X-Client-Address: 192.0.2.66",
        "X-Deadline: 86400000",
        "X-Sallyport-Signature: v1;kid=k1;ts=1;mac=admin",
        "Forwarded: for=192.0.2.66;proto=https",
        "X-Forwarded-For: 192.0.2.66, 127.0.0.1"
      })
  void aValueThatWouldDoHarmIsDroppedTooWhereverItStands(String line) {
    try (var socket = gate.connect()) {
      // Before and behind the headers that let the client in.
      socket.send(gate.head("GET " + target + " HTTP/1.1\r\n" + line, line));
      var seen = assertOnlyOurWord(socket.answer());
      assertThat(seen.mentions("192.0.2.66")).isFalse();
      assertThat(seen.mentions("admin")).isFalse();
      assertThat(seen.mentions("86400000")).isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void aNameThatIsNoTokenIsRefusedWithItsRequest(String name) {
    for (var odd : oddSpellings(name)) {
      var head = gate.head("GET " + target + " HTTP/1.1", "X-Any: x", odd + ": " + FORGED);
      one.assertOneAnswerAndTheEnd(head + one.next(), Set.of(400));
    }
    one.assertNothingOut();
  }

  private static List<String> oddSpellings(String name) {
    var odd =
        new ArrayList<>(
            List.of(
                name + " ",
                name + "\t",
                name + "\0",
                name + "\u00a0",
                "\t" + name,
                "(" + name + ")",
                "\"" + name + "\""));
    if (name.contains("-")) {
      odd.add(name.replace('-', ' '));
      odd.add(name.replace('-', '\u00ad'));
    }
    return odd;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Connection: X-User-Id",
        "Connection: close, X-User-Id, X-User-Roles, X-Internal-Request",
        "Connection: x-sallyport-signature",
        "Connection: keep-alive, X-Deadline\r\nConnection: X-Client-Address, X-Request-Id",
        "Connection: X-User-Id\r\nX-User-Id: eve-was-here",
        "Connection: x_user_id\r\nx_user_id: eve-was-here",
        "Connection: authorization, host, content-length",
        "Proxy-Connection: X-User-Id",
        "Keep-Alive: X-User-Id",
        "Trailer: X-User-Id",
        "TE: trailers"
      })
  void noConnectionHeaderTakesOursAway(String lines) {
    try (var socket = gate.connect()) {
      socket.send(gate.head("GET " + target + " HTTP/1.1", lines));
      assertOnlyOurWord(socket.answer());
    }
  }

  @Test
  void aTrailerCannotBecomeAHeader() {
    try (var socket = gate.connect()) {
      socket.send(
          gate.head(
              "POST " + target + " HTTP/1.1", "Transfer-Encoding: chunked", "Trailer: X-User-Id"));
      socket.send("2\r\n{}\r\n0\r\n");
      names().forEach(name -> socket.send(name + ": " + FORGED + "\r\n"));
      socket.send("\r\n");
      assertThat(assertOnlyOurWord(socket.answer()).body().text()).isEqualTo("{}");
    }
  }

  @Test
  void aChunkExtensionCannotBecomeAHeader() {
    try (var socket = gate.connect()) {
      socket.send(gate.head("POST " + target + " HTTP/1.1", "Transfer-Encoding: chunked"));
      socket.send("2;X-User-Id=" + FORGED + ";x_user_id=" + FORGED + "\r\n{}\r\n0\r\n\r\n");
      assertThat(assertOnlyOurWord(socket.answer()).body().text()).isEqualTo("{}");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "quarkus-http-upgrade#X-User-Id#eve-was-here",
        "quarkus-http-upgrade%23X-User-Id%23eve-was-here",
        "QUARKUS-HTTP-UPGRADE#X-INTERNAL-REQUEST#eve-was-here",
        "quarkus-http-upgrade%23x_user_id#eve-was-here",
        "bearer-token-carrier, quarkus-http-upgrade#Authorization#Bearer eve-was-here",
        "a,quarkus-http-upgrade#X-User-Roles#eve-was-here,b",
        "a\t,\tquarkus-http-upgrade#X-User-Roles#eve-was-here\t"
      })
  void noSubprotocolOfAnUpgradeBecomesAHeader(String offered) {
    var line = "Sec-WebSocket-Protocol: ";
    try (var socket =
        WsClient.open(
            gate.userWorker().port(),
            target,
            gate.authorization(),
            line + "chat",
            line + offered,
            "X-User-Id: " + FORGED,
            "Connection: X-User-Id",
            "x_internal_request: " + FORGED)) {
      assertThat(socket.upgraded()).isFalse(); // the recorder never agrees
    }
    assertThat(one.seen())
        .singleElement()
        .satisfies(seen -> {
          ours.assertOnly(seen);
          assertThat(seen.mentions(FORGED)).isFalse();
          assertThat(seen.headers().all("Sec-WebSocket-Protocol"))
              .allMatch(value -> value.startsWith("chat") && !value.contains("#"));
        });
  }
}
