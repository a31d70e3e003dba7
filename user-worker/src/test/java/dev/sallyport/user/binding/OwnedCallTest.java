package dev.sallyport.user.binding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sallyport.local.StackResource;
import dev.sallyport.model.SignatureCheck;
import dev.sallyport.user.ProblemShape;
import dev.sallyport.user.RawClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Calls of what one data-worker owns. */
@QuarkusTest
@QuarkusTestResource(
    value = StackResource.class,
    initArgs = @ResourceArg(name = StackResource.WORKER, value = "user-worker"))
@WithTestResource(value = AnyWorker.class, scope = TestResourceScope.MATCHING_RESOURCES)
class OwnedCallTest extends TwoOwners {
  private static final int MEBIBYTE = 1024 * 1024;

  @Inject MeterRegistry metrics;

  /** An actor that nobody has called. */
  private final String actor = actor();

  @Test
  void theOwnerGetsTheWholeCallAndASignatureOfItsOwn() {
    for (int size : List.of(0, 1, 16 * 1024 + 1, MEBIBYTE)) {
      var sent = new byte[size];
      new Random(size).nextBytes(sent);
      for (var publisher :
          List.of(
              BodyPublishers.ofByteArray(sent),
              BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(sent)))) {
        one.asked().clear();
        var target = actor() + "/add?owner=" + one.address();
        assertThat(answered(post(target, publisher))).isEqualTo("one");
        var asked = one.asked().getFirst();
        assertThat(asked.body().getBytes()).isEqualTo(sent);
        assertThat(asked.target()).isEqualTo(target);
        var headers = asked.headers();
        assertThat(headers.get("Content-Length")).isEqualTo(Integer.toString(size));
        assertThat(headers.get("Content-Type")).isEqualTo("application/json");
        assertThat(headers.get("Idempotency-Key")).isEqualTo("k");
        assertThat(headers.get("X-User-Id")).isEqualTo(ada.id());
        for (var name : headers.names()) {
          assertThat(headers.getAll(name)).as(name).hasSize(1);
        }
        assertThat(headers.get("Host")).isEqualTo(URI.create(one.address()).getAuthority());
        assertThat(signature(asked)).isInstanceOf(SignatureCheck.Valid.class);
      }
    }
  }

  @Test
  void aBodyOverAMebibyteIsTooLargeAnnouncedOrNot() {
    var sent = new byte[MEBIBYTE + 1];
    ProblemShape.of(post(actor + "/add", BodyPublishers.ofByteArray(sent)), 413, "too-large");
    try (var client = new RawClient(visitor.port())) {
      client.send(
          "POST "
              + actor
              + "/add HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
              + ada.token()
              + "\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (int i = 0; i < 17; i++) {
        client.send("10000\r\n" + "x".repeat(64 * 1024) + "\r\n");
      }
      assertThat(client.readAnswer().status()).isEqualTo(413);
    }
  }

  @Test
  void theClientLearnsNothingOfWhoOwnsWhat() {
    var answer = call(actor, "?owner=" + one.address());
    assertThat(answered(answer)).isEqualTo("one");
    assertThat(answer.headers().map()).doesNotContainKey("x-sallyport-owner");
  }

  @Test
  void theOwnerIsRemembered() {
    assertThat(answered(call(actor, "/get?owner=" + one.address()))).isEqualTo("one");
    assertThat(answered(call(actor, "/get"))).isEqualTo("one");
    assertThat(answered(call(actor(), "/get"))).isEqualTo("any");
  }

  @Test
  void anOwnerMayBeReachedOverIpv6() throws Exception {
    assumeTrue(
        NetworkInterface.getByInetAddress(InetAddress.ofLiteral("::1")) != null, "has no IPv6");
    try (var six = new FakeWorker("six", "::1")) {
      LeaseTables.begin(six.address());
      untilAnswered("six", six);
      assertThat(six.asked().getFirst().headers().get("Host"))
          .isEqualTo(URI.create(six.address()).getAuthority());
      LeaseTables.end(six.address());
    }
  }

  @Test
  void aRoomHasAnOwnerToo() {
    var room = "/api/internal/rooms/" + UUID.randomUUID();
    assertThat(answered(call(room, "/messages?owner=" + one.address()))).isEqualTo("one");
    assertThat(answered(call(room, ""))).isEqualTo("one");
  }

  @Test
  void anOwnerThatTakesNoConnectionsIsForgottenAndAnybodyAsked() {
    assertThat(answered(call(actor, "?owner=" + one.address()))).isEqualTo("one");
    one.close();
    assertThat(answered(call(actor, ""))).isEqualTo("any");
    assertThat(answered(call(actor, "?owner=" + two.address()))).isEqualTo("two");
    assertThat(answered(call(actor, ""))).isEqualTo("two");
  }

  @Test
  void anOwnerThatTakesNoConnectionsIsFollowedToTheNextWithinOneCall() {
    assertThat(answered(call(actor, "?owner=" + one.address()))).isEqualTo("one");
    one.close();
    assertThat(answered(call(actor, "?owner=" + two.address()))).isEqualTo("two");
  }

  @Test
  void anOwnerThatBreaksOffIsForgottenAndNotAskedTwice() {
    assertThat(answered(call(actor, "?owner=" + one.address()))).isEqualTo("one");
    one.asked().clear();
    var broken = post(actor + "?then=die", BodyPublishers.ofString("{}"));
    assertThat(ProblemShape.of(broken, 503, "binding-down")).containsEntry("retryable", false);
    assertThat(one.asked()).hasSize(1);
    assertThat(answered(call(actor, ""))).isEqualTo("any");
  }

  @Test
  void anOwnerWhoseLeaseIsOverIsForgotten() throws Exception {
    assertThat(answered(call(actor, "?owner=" + one.address()))).isEqualTo("one");
    LeaseTables.end(one.address());
    until(() -> "any".equals(call(actor, "").body()));
  }

  @Test
  void anOwnerThatLostItsActorSaysWhoHasItAndThatOneIsRemembered() {
    assertThat(answered(call(actor, "?owner=" + one.address()))).isEqualTo("one");
    one.lostAllTo(two.address());
    assertThat(answered(call(actor, ""))).isEqualTo("two");
    assertThat(one.asked()).hasSize(2);
    assertThat(answered(call(actor, ""))).isEqualTo("two");
    assertThat(one.asked()).hasSize(2);
  }

  @Test
  void whoLostItsActorToOneThatLostItTooIsFollowedOnceOnly() {
    assertThat(answered(call(actor, "?owner=" + one.address()))).isEqualTo("one");
    one.lostAllTo(two.address());
    two.lostAllTo(one.address());
    one.asked().clear();
    noOwner(call(actor, ""));
    assertThat(one.asked()).hasSize(1);
    assertThat(two.asked()).hasSize(1);
    assertThat(answered(call(actor, ""))).isEqualTo("any");
  }

  @Test
  void aSecondWrongWorkerIsNotFollowed() {
    var again = call(actor, "?owner=" + one.address() + "&then=" + two.address());
    noOwner(again);
    assertThat(one.asked()).hasSize(1);
    assertThat(two.asked()).isEmpty();
    assertThat(again.headers().map()).doesNotContainKey("x-sallyport-owner");
    assertThat(again.body()).doesNotContain("secret");
    assertThat(answered(call(actor, ""))).isEqualTo("any");
  }

  @Test
  void whoeverIsNoLiveWorkerIsNeverCalled() throws Exception {
    try (var stranger = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      var host = "127.0.0.1:" + stranger.getLocalPort();
      var live = URI.create(one.address()).getAuthority();
      for (var owner :
          List.of(
              "",
              host,
              "http://" + host,
              "https://" + host,
              "http://" + live + "@" + host,
              "http://" + host + "/",
              one.address() + "/",
              "HTTP://" + live,
              "https://" + live,
              "http://localhost:" + stranger.getLocalPort(),
              "file:///etc/passwd")) {
        var encoded = URLEncoder.encode(owner, StandardCharsets.UTF_8);
        noOwner(call(actor(), "?owner=" + encoded));
        noOwner(post(actor() + "?owner=" + encoded, BodyPublishers.ofString("{}")));
      }
      stranger.setSoTimeout(1);
      assertThat(isCalled(stranger)).isFalse();
    }
    assertThat(one.asked()).isEmpty();
  }

  private static boolean isCalled(ServerSocket stranger) throws IOException {
    try (var caller = stranger.accept()) {
      return caller.isConnected();
    } catch (SocketTimeoutException nobody) {
      return false;
    }
  }

  @Test
  void whatHasNoOwnerIsNotFollowed() {
    var target = "/api/internal/other?owner=" + one.address();
    var answer = visitor.get(target, ada.byToken());
    assertThat(ProblemShape.of(answer, 503, "binding-down")).containsEntry("retryable", true);
    assertThat(one.asked()).isEmpty();
  }

  @Test
  void bothTriesTogetherHaveTheTimeOfOne() {
    long began = System.nanoTime();
    var late = call(actor, "?delay=1200&then=hang&owner=" + one.address());
    ProblemShape.of(late, 504, "binding-timeout");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(3));
    var left = Integer.parseInt(one.asked().getFirst().headers().get("X-Deadline"));
    assertThat(left).isBetween(1, 800);
  }

  @Test
  void whatBecameOfFollowingIsCounted() {
    var before = follows();
    answered(call(actor, "?owner=" + one.address()));
    answered(call(actor, ""));
    noOwner(call(actor(), "?owner="));
    noOwner(call(actor(), "?owner=" + one.address() + "&then=" + two.address()));
    ProblemShape.of(call(actor(), "?then=die&owner=" + one.address()), 503, "binding-down");
    var after = follows();
    assertThat(after.keySet())
        .containsExactlyInAnyOrder("answered", "unknown", "misdirected", "failed");
    assertThat(after)
        .allSatisfy((outcome, count) ->
            assertThat(count).as(outcome).isEqualTo(before.getOrDefault(outcome, 0.0) + 1));
  }

  private Map<String, Double> follows() {
    return metrics.get("sallyport_binding_follows").counters().stream()
        .collect(
            Collectors.toMap(
                counter -> String.valueOf(counter.getId().getTag("outcome")),
                counter -> counter.count()));
  }

  @Test
  void manyAtOnceAllReachTheOwnerOverFewConnections() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var calls = new ArrayList<Future<HttpResponse<String>>>();
      for (int i = 0; i < 200; i++) {
        var target = (i % 2 == 0 ? actor : actor()) + "/add?owner=" + one.address();
        calls.add(threads.submit(() -> post(target, BodyPublishers.ofByteArray(new byte[20_000]))));
      }
      for (var call : calls) {
        assertThat(answered(call.get())).isEqualTo("one");
      }
    }
    assertThat(one.asked()).hasSize(200);
  }

  private HttpResponse<String> post(String target, BodyPublisher body) {
    return visitor.send(
        "POST",
        target,
        body,
        "Authorization",
        "Bearer " + ada.token(),
        "Content-Type",
        "application/json",
        "Idempotency-Key",
        "k");
  }
}
