package dev.sallyport.user.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.model.ProblemType;
import dev.sallyport.model.WorkerHeaders;
import dev.sallyport.user.platform.ProblemException;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Locale;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderRulesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Accept",
        "Accept-Charset",
        "Accept-Encoding",
        "Accept-Language",
        "Content-Disposition",
        "Content-Encoding",
        "Content-Language",
        "Content-Location",
        "Content-Range",
        "Content-Type",
        "Idempotency-Key",
        "If-Match",
        "If-Modified-Since",
        "If-None-Match",
        "If-Range",
        "If-Unmodified-Since",
        "Last-Event-ID",
        "Range",
        "traceparent",
        "tracestate"
      })
  void aHeaderOnTheListPassesInAnySpelling(String name) {
    for (var spelling :
        List.of(name, name.toUpperCase(Locale.ROOT), name.toLowerCase(Locale.ROOT))) {
      assertThat(HeaderRules.towardsPrivate(headers(spelling, "v")).getAll(name))
          .containsExactly("v");
    }
  }

  @Test
  void whatTheUserWorkerSaysNobodyElseSays() {
    for (var name : WorkerHeaders.ADDED_BY_USER_WORKER) {
      for (var spelling :
          List.of(
              name,
              name.toLowerCase(Locale.ROOT),
              name.toUpperCase(Locale.ROOT),
              name.replace('-', '_'),
              name.toLowerCase(Locale.ROOT).replace('-', '_'))) {
        assertThat(HeaderRules.towardsPrivate(headers(spelling, "v"))).as(spelling).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Authorization",
        "Cookie",
        "X-API-Key",
        "Forwarded",
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "X-User-Anything",
        "X-Internal-Anything",
        "X-Sallyport-Anything",
        "Content_Type",
        "Connection",
        "Keep-Alive",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Content-Length",
        "Upgrade",
        "Host",
        "Origin",
        "Expect",
        "X-HTTP-Method-Override"
      })
  void whatIsNotOnTheListDoesNotPass(String name) {
    assertThat(HeaderRules.towardsPrivate(headers(name, "v"))).isEmpty();
  }

  @Test
  void connectionCanRemoveNothing() {
    var client = headers("Connection", "Content-Type, X-User-Id").add("Content-Type", "a/b");
    assertThat(HeaderRules.towardsPrivate(client).names()).containsExactly("Content-Type");
  }

  @Test
  void aListMayComeInSeveralHeaders() {
    var client = headers("Accept", "a/b").add("accept", "c/d");
    assertThat(HeaderRules.towardsPrivate(client).getAll("Accept")).containsExactly("a/b", "c/d");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Type", "Idempotency-Key", "Range", "If-Range", "traceparent"})
  void aValueThatMayComeOnceIsRefusedTwice(String name) {
    var client = headers(name, "a").add(name.toUpperCase(Locale.ROOT), "a");
    assertThatThrownBy(() -> HeaderRules.towardsPrivate(client))
        .asInstanceOf(InstanceOfAssertFactories.type(ProblemException.class))
        .satisfies(
            refused -> assertThat(refused.problem().type()).isEqualTo(ProblemType.BAD_REQUEST));
  }

  @Test
  void anUpgradePassesItsHandshake() {
    var client =
        headers("Sec-WebSocket-Key", "k")
            .add("Sec-WebSocket-Version", "13")
            .add("Sec-WebSocket-Extensions", "permessage-deflate")
            .add("Sec-WebSocket-Protocol", "a, b")
            .add("Connection", "keep-alive, Upgrade, X-User-Id")
            .add("Upgrade", "WebSocket")
            .add("Origin", "https://a");
    var passed = HeaderRules.towardsPrivateSocket(client);
    assertThat(passed.names())
        .usingElementComparator(String.CASE_INSENSITIVE_ORDER)
        .containsExactlyInAnyOrder(
            "sec-websocket-key",
            "sec-websocket-version",
            "sec-websocket-extensions",
            "sec-websocket-protocol",
            "upgrade",
            "connection");
    assertThat(passed.getAll("Upgrade")).containsExactly("websocket");
    assertThat(passed.getAll("Connection")).containsExactly("Upgrade");
    assertThat(passed.get("Sec-WebSocket-Protocol")).isEqualTo("a, b");
  }

  @Test
  void aSubprotocolThatCouldCarryHeadersIsDropped() {
    var client =
        headers("Sec-WebSocket-Protocol", "quarkus-http-upgrade#Authorization#Bearer%20x, chat")
            .add("sec-websocket-protocol", "quarkus-http-upgrade%23X-User-Id%23eve,, echo");
    assertThat(HeaderRules.towardsPrivateSocket(client).getAll("Sec-WebSocket-Protocol"))
        .containsExactly("chat, echo");
    HeaderRules.cleanSubprotocols(client);
    assertThat(client.getAll("Sec-WebSocket-Protocol")).containsExactly("chat, echo");
  }

  @Test
  void whereNoSubprotocolIsLeftThereIsNoHeader() {
    var client = headers("Sec-WebSocket-Protocol", "a#b, %23");
    HeaderRules.cleanSubprotocols(client);
    assertThat(client.contains("Sec-WebSocket-Protocol")).isFalse();
    assertThat(HeaderRules.towardsPrivateSocket(client).contains("Sec-WebSocket-Protocol"))
        .isFalse();
  }

  @Test
  void anAnswerComesBackLessWhatBelongsToItsConnection() {
    var answer =
        headers("Content-Type", "a/b")
            .add("Set-Cookie", "a=1")
            .add("Set-Cookie", "b=2")
            .add("Connection", "close, X-Hop")
            .add("connection", "x-other-hop")
            .add("X-Hop", "1")
            .add("X-Other-Hop", "1")
            .add("Keep-Alive", "timeout=5")
            .add("Proxy-Authenticate", "Basic")
            .add("Transfer-Encoding", "chunked")
            .add("Trailer", "X-End")
            .add("TE", "trailers")
            .add("Upgrade", "h2c")
            .add("X-Request-Id", "theirs")
            .add("X-Sallyport-Signature", "v1");
    var client = headers("X-Request-Id", "ours");
    HeaderRules.towardsClient(answer, client);
    assertThat(client.getAll("Set-Cookie")).containsExactly("a=1", "b=2");
    assertThat(client.getAll("X-Request-Id")).containsExactly("ours");
    assertThat(client.names()).containsOnly("X-Request-Id", "Content-Type", "Set-Cookie");
  }

  @Test
  void aWordIsFoundInAListWhereverItStands() {
    var firefox = headers("Connection", "keep-alive, Upgrade");
    assertThat(HeaderRules.lists(firefox, "Connection", "upgrade")).isTrue();
    var two = headers("Connection", "keep-alive").add("connection", " UPGRADE ");
    assertThat(HeaderRules.lists(two, "Connection", "upgrade")).isTrue();
    var other = headers("Connection", "x-upgrade, upgraded").add("Connection", "");
    assertThat(HeaderRules.lists(other, "Connection", "upgrade")).isFalse();
  }

  private static MultiMap headers(String name, String value) {
    return HttpHeaders.headers().add(name, value);
  }
}
