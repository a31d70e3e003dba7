package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.model.CallSigner;
import dev.sallyport.model.SignatureCheck;
import dev.sallyport.model.SignedCall;
import dev.sallyport.model.SigningKeys;
import dev.sallyport.model.WorkerHeaders;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client writes in its headers never counts as the user-worker's word. */
@ExtendWith(SharedDeployment.class)
class HeaderRulesTest {
  /** design.md, section 5, and what HTTP itself needs on a connection. */
  private static final Set<String> ALLOWED =
      Set.of(
          "accept",
          "accept-charset",
          "accept-encoding",
          "accept-language",
          "content-disposition",
          "content-encoding",
          "content-language",
          "content-length",
          "content-location",
          "content-range",
          "content-type",
          "idempotency-key",
          "if-match",
          "if-modified-since",
          "if-none-match",
          "if-range",
          "if-unmodified-since",
          "last-event-id",
          "range",
          "traceparent",
          "tracestate",
          "connection",
          "host",
          "transfer-encoding");

  private final Deployment deployment;
  private final Gate gate;
  private final String marker = Gate.marker();

  HeaderRulesTest(Deployment deployment, Gate gate) {
    this.deployment = deployment;
    this.gate = gate;
  }

  /** Sends a request with these header lines and gives what the private side saw of it. */
  private Recorder.Seen seenFor(String... lines) {
    try (var socket = gate.connect()) {
      socket.send(gate.head("GET /api/internal/" + marker + " HTTP/1.1", lines));
      var answer = socket.answer();
      assertThat(answer.status()).as(answer.text()).isEqualTo(200);
      var seen = gate.recorder().seen(marker);
      assertThat(seen).hasSize(1);
      assertOnlyOurWord(seen.getFirst());
      assertThat(seen.getFirst().headers().first("X-Request-Id"))
          .isEqualTo(answer.headers().first("X-Request-Id"));
      return seen.getFirst();
    }
  }

  private void assertOnlyOurWord(Recorder.Seen seen) {
    var headers = seen.headers();
    for (var name : WorkerHeaders.ADDED_BY_USER_WORKER) {
      assertThat(headers.all(name)).as(name).hasSize(1);
    }
    assertThat(headers.first("X-User-Id")).contains(gate.session().account().id());
    assertThat(headers.first("X-User-Roles")).contains("user");
    assertThat(headers.first("X-Internal-Request")).contains("true");
    assertThat(headers.first("X-Client-Address")).contains("127.0.0.1");
    assertThat(headers.names())
        .allSatisfy(name ->
            assertThat(Gate.isOurs(name) || ALLOWED.contains(name.toLowerCase(Locale.ROOT)))
                .as(name)
                .isTrue());
    assertThat(
            new CallSigner(SigningKeys.parse(deployment.signingKeys()), InstantSource.system())
                .check(call(seen), header(seen, WorkerHeaders.SIGNATURE)))
        .isEqualTo(new SignatureCheck.Valid());
  }

  private static SignedCall call(Recorder.Seen seen) {
    return new SignedCall(
        InnerCalls.BINDING,
        seen.method(),
        seen.target(),
        header(seen, WorkerHeaders.USER_ID),
        header(seen, WorkerHeaders.USER_ROLES),
        header(seen, WorkerHeaders.REQUEST_ID),
        header(seen, WorkerHeaders.CLIENT_ADDRESS),
        header(seen, WorkerHeaders.INTERNAL_REQUEST),
        header(seen, WorkerHeaders.DEADLINE),
        header(seen, "Content-Type"),
        header(seen, "Idempotency-Key"));
  }

  private static @Nullable String header(Recorder.Seen seen, String name) {
    return seen.headers().first(name).orElse(null);
  }

  @Test
  void anOrdinaryCallCarriesWhatTheUserWorkerAddsAndItsSignature() {
    var seen = seenFor();
    assertThat(seen.headers().first("X-Deadline").map(Long::parseLong).orElseThrow())
        .isBetween(1L, Gate.TIMEOUT.toMillis());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-User-Id: eve",
        "x-user-id: eve",
        "X-USER-ID: eve",
        "x_user_id: eve",
        "X_User-Id: eve",
        "X-User_Id: eve",
        "X-User-Id: eve\r\nX-User-Id: mallory",
        "X-User-Roles: admin",
        "X_USER_ROLES: admin",
        "X-User-Email: eve@example.test",
        "X-Internal-Request: false",
        "X_Internal_Request: true",
        "X-Internal-Anything: eve",
        "X-Sallyport-Signature: v1;kid=k1;ts=1;mac=eve",
        "X_Sallyport_Signature: eve",
        "X-Sallyport-Trust: network",
        "X-Client-Address: 192.0.2.66",
        "X-Deadline: 86400000",
        "X-Request-Id: eve"
      })
  void ourHeadersFromAClientAreDroppedInAnySpelling(String lines) {
    var seen = seenFor(lines);
    assertThat(seen.mentions("eve")).isFalse();
    assertThat(seen.mentions("192.0.2.66")).isFalse();
    assertThat(seen.mentions("86400000")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Forwarded: for=192.0.2.66",
        "X-Forwarded-For: 192.0.2.66",
        "X_Forwarded_For: 192.0.2.66",
        "X-Forwarded-Host: 192.0.2.66",
        "X-Forwarded-Proto: 192.0.2.66",
        "X-Forwarded-Prefix: /192.0.2.66",
        "X-Real-IP: 192.0.2.66",
        "X-Original-URL: /192.0.2.66",
        "X-Rewrite-URL: /192.0.2.66",
        "X-HTTP-Method-Override: 192.0.2.66",
        "Via: 1.1 192.0.2.66",
        "Cookie: sallyport_session=192.0.2.66",
        "X-API-Key: 192.0.2.66",
        "Proxy-Authorization: Basic 192.0.2.66",
        "Origin: http://localhost",
        "X-Anything-Else: 192.0.2.66"
      })
  void whatIsNotOnTheListStaysOutside(String line) {
    var name = line.substring(0, line.indexOf(':'));
    var seen = seenFor(line);
    assertThat(seen.mentions("192.0.2.66")).isFalse();
    assertThat(seen.headers().all(name)).isEmpty();
  }

  @Test
  void theTokenStaysOutside() {
    var seen = seenFor();
    assertThat(seen.headers().all("Authorization")).isEmpty();
    assertThat(seen.mentions(gate.session().accessToken())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Connection: X-User-Id",
        "Connection: close, X-User-Id, X-User-Roles, X-Internal-Request",
        "Connection: x-sallyport-signature",
        "Connection: keep-alive, X-Deadline\r\nConnection: X-Client-Address, X-Request-Id",
        "Connection: X-User-Id\r\nX-User-Id: eve",
        "Keep-Alive: X-User-Id",
        "Trailer: X-User-Id",
        "TE: trailers"
      })
  void noConnectionHeaderTakesOursAway(String lines) {
    assertThat(seenFor(lines).mentions("eve")).isFalse();
  }

  @Test
  void aTrailerCannotBecomeAHeader() {
    try (var socket = gate.connect()) {
      socket.send(
          gate.head(
                  "POST /api/internal/" + marker + " HTTP/1.1",
                  "Transfer-Encoding: chunked",
                  "Trailer: X-User-Id")
              + "2\r\n{}\r\n0\r\nX-User-Id: eve\r\nX-Sallyport-Signature: eve\r\n\r\n");
      assertThat(socket.answer().status()).isEqualTo(200);
      var seen = gate.recorder().seen(marker);
      assertThat(seen).hasSize(1);
      assertOnlyOurWord(seen.getFirst());
      assertThat(seen.getFirst().mentions("eve")).isFalse();
      assertThat(seen.getFirst().body().text()).isEqualTo("{}");
    }
  }

  @Test
  void whatIsOnTheListPassesUnchanged() {
    var seen =
        seenFor(
            "Accept: text/event-stream",
            "Accept-Language: de",
            "If-None-Match: \"x\"",
            "Range: bytes=0-9",
            "Idempotency-Key: key 1",
            "Last-Event-ID: 7",
            "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    assertThat(seen.headers().all("Accept")).containsExactly("text/event-stream");
    assertThat(seen.headers().all("Accept-Language")).containsExactly("de");
    assertThat(seen.headers().all("If-None-Match")).containsExactly("\"x\"");
    assertThat(seen.headers().all("Range")).containsExactly("bytes=0-9");
    assertThat(seen.headers().all("Idempotency-Key")).containsExactly("key 1");
    assertThat(seen.headers().all("Last-Event-ID")).containsExactly("7");
    assertThat(seen.headers().first("traceparent").orElseThrow())
        .contains("0af7651916cd43dd8448eb211c80319c");
  }

  @Test
  void theSecondOfTwoContradictingHeadersIsNotSmuggledIn() {
    try (var socket = gate.connect()) {
      socket.send(
          gate.head(
              "GET /api/internal/" + marker + " HTTP/1.1",
              "Idempotency-Key: one",
              "Idempotency-Key: two"));
      var status = socket.answer().status();
      var seen = gate.recorder().seen(marker);
      if (status == 400) {
        assertThat(seen).isEmpty();
      } else {
        assertThat(seen).hasSize(1);
        assertThat(seen.getFirst().headers().all("Idempotency-Key")).hasSize(1);
      }
    }
  }
}
