package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client writes in its headers never counts as the user-worker's word. */
@ExtendWith(SharedDeployment.class)
class HeaderRulesTest {
  private final Gate gate;
  private final OurWord ours;
  private final String marker = Gate.marker();

  HeaderRulesTest(Deployment deployment, Gate gate) {
    this.gate = gate;
    this.ours = new OurWord(deployment, gate);
  }

  /** Sends a request with these header lines and gives what the private side saw of it. */
  private Recorder.Seen seenFor(String... lines) {
    try (var socket = gate.connect()) {
      socket.send(gate.head("GET /api/internal/" + marker + " HTTP/1.1", lines));
      var answer = socket.answer();
      assertThat(answer.status()).as(answer.text()).isEqualTo(200);
      var seen = gate.recorder().seen(marker);
      assertThat(seen).hasSize(1);
      ours.assertOnly(seen.getFirst());
      assertThat(seen.getFirst().headers().first("X-Request-Id"))
          .isEqualTo(answer.headers().first("X-Request-Id"));
      return seen.getFirst();
    }
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

  @Test
  void theApiKeyStaysOutside() {
    var http = gate.userWorker().http();
    var made =
        http.post(
            "/auth/api-keys", "{\"name\":\"outside\"}", "Authorization", gate.session().bearer());
    assertThat(made.status()).as(made.body()).isEqualTo(201);
    var key = made.json().required("key").asText();
    assertThat(http.get("/api/internal/" + marker, "X-API-Key", key).status()).isEqualTo(200);
    var seen = gate.recorder().seen(marker).getFirst();
    assertThat(seen.headers().all("X-API-Key")).isEmpty();
    assertThat(seen.mentions(key)).isFalse();
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
