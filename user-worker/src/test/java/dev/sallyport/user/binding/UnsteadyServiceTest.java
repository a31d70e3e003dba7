package dev.sallyport.user.binding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.local.StackResource;
import dev.sallyport.user.ProblemShape;
import dev.sallyport.user.RawClient;
import dev.sallyport.user.Visitor;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a client meets while a private service is away, hangs, or is busy. */
@QuarkusTest
@QuarkusTestResource(
    value = StackResource.class,
    initArgs = @ResourceArg(name = StackResource.WORKER, value = "user-worker"))
@WithTestResource(value = Unsteady.class, scope = TestResourceScope.MATCHING_RESOURCES)
class UnsteadyServiceTest {
  private static final String BASE = "/api/internal/";
  private static final Duration SOON = Duration.ofSeconds(10);

  @TestHTTPResource("/")
  URI base;

  @ConfigProperty(name = Unsteady.URL)
  URI address;

  @Inject MeterRegistry metrics;
  @Inject Bindings bindings;

  private Visitor visitor;
  private Visitor.SignedIn ada;
  private UnsteadyService service;

  @BeforeEach
  void begin() {
    visitor = new Visitor(base);
    ada = visitor.signUp();
    service = new UnsteadyService(address.getPort());
    service.begin();
    until(() -> get("fine").statusCode() == 200);
    // What earlier tests have spent of the budget is earned again.
    for (int i = 0; i < 100; i++) {
      assertThat(get("fine").statusCode()).isEqualTo(200);
    }
    service.asked().clear();
  }

  @AfterEach
  void end() {
    service.close();
  }

  private HttpResponse<String> get(String path) {
    return visitor.get(BASE + path, ada.byToken());
  }

  private HttpResponse<String> send(String method, String path, BodyPublisher body) {
    return visitor.send(method, BASE + path, body, ada.byToken());
  }

  private static void until(BooleanSupplier holds) {
    long began = System.nanoTime();
    while (!holds.getAsBoolean()) {
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(SOON);
    }
  }

  private double calls(String outcome) {
    return metrics.get("sallyport_binding_calls").tag("outcome", outcome).timer().count();
  }

  private double retries(String outcome) {
    return metrics.get("sallyport_binding_retries").tag("outcome", outcome).counter().count();
  }

  private boolean isStopped() {
    return bindings.backend().breakers().of(null).isOpen();
  }

  private int waiting() {
    return bindings.backend().waiting();
  }

  @Test
  void afterThreeRefusalsCallsAreStoppedUntilAProbeIsAnswered() {
    service.end();
    double before = calls("breaker_open");
    until(() -> {
      get("fine");
      return calls("breaker_open") > before;
    });
    assertThat(isStopped()).isTrue();
    long began = System.nanoTime();
    var stopped = ProblemShape.of(get("fine"), 503, "binding-down");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMillis(500));
    assertThat(stopped).containsEntry("retryable", true).containsEntry("retryAfter", 1);
    service.begin();
    until(() -> get("fine").statusCode() == 200);
    assertThat(isStopped()).isFalse();
  }

  @Test
  void callsThatAreNotAnsweredInTimeStopThoseAfterThem() {
    service.turnDeaf(true);
    for (int i = 0; i < 3; i++) {
      ProblemShape.of(get("fine"), 504, "binding-timeout");
    }
    service.asked().clear();
    ProblemShape.of(get("fine"), 503, "binding-down");
    assertThat(service.asked()).isEmpty();
    service.turnDeaf(false);
    until(() -> get("fine").statusCode() == 200);
  }

  @Test
  void whoGoesAwayCountsAsNeitherAndIsNotWaitedFor() {
    double before = calls("abandoned");
    for (int i = 0; i < 5; i++) {
      try (var client = new RawClient(visitor.port())) {
        int asked = service.asked().size();
        client.send(
            "GET "
                + BASE
                + "hang HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
                + ada.token()
                + "\r\n\r\n");
        until(() -> service.asked().size() > asked);
      }
      double gone = before + i + 1;
      until(() -> calls("abandoned") >= gone);
    }
    until(() -> waiting() == 0);
    assertThat(isStopped()).isFalse();
    assertThat(get("fine").body()).isEqualTo("fine");
  }

  @Test
  void moreThanABoundedNumberOfCallsIsRefusedAtOnce() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var hanging = new ArrayList<Future<HttpResponse<String>>>();
      for (int i = 0; i < Unsteady.CALLS_MAX; i++) {
        hanging.add(threads.submit(() -> get("hang")));
      }
      until(() -> waiting() == Unsteady.CALLS_MAX);
      var refused = ProblemShape.of(get("fine"), 503, "overloaded");
      assertThat(refused).containsEntry("retryable", true).containsEntry("retryAfter", 1);
      for (var call : hanging) {
        ProblemShape.of(call.get(), 504, "binding-timeout");
      }
    }
    until(() -> waiting() == 0);
  }

  @Test
  void aQuestionThatMayBeAskedAgainIsAskedAgainOnce() {
    service.beBusyFor(1);
    assertThat(get("seen").body()).isEqualTo("fine");
    assertThat(service.asked()).containsExactly("GET /api/internal/seen", "GET /api/internal/seen");
    service.asked().clear();
    service.beBusyFor(2);
    assertThat(get("seen").body()).contains("overloaded");
    assertThat(service.asked()).hasSize(2);
  }

  @Test
  void whatMayHaveHadAnEffectIsNotMadeAgain() {
    for (var method : new String[] {"POST", "PATCH"}) {
      service.asked().clear();
      service.beBusyFor(1);
      assertThat(send(method, "seen", BodyPublishers.noBody()).statusCode()).isEqualTo(503);
      assertThat(service.asked()).hasSize(1);
    }
    service.asked().clear();
    service.beBusyFor(1);
    assertThat(get("done").body()).contains("\"retryable\":false");
    assertThat(service.asked()).hasSize(1);
  }

  @Test
  void whatHasABodyThatWasReadIsNotMadeAgain() {
    for (int size : new int[] {2, 64 * 1024}) {
      service.asked().clear();
      service.beBusyFor(1);
      var sent = BodyPublishers.ofByteArray(new byte[size]);
      assertThat(send("PUT", "seen", sent).statusCode()).isEqualTo(503);
      assertThat(service.asked()).hasSize(1);
    }
  }

  @Test
  void whatFoundNoConnectionIsMadeAgainWhateverItIsUnlessItsBodyWasRead() {
    service.end();
    double before = retries("made");
    ProblemShape.of(send("POST", "seen", BodyPublishers.noBody()), 503, "binding-down");
    assertThat(retries("made")).isEqualTo(before + 1);
    service.begin();
    until(() -> get("fine").statusCode() == 200);
    service.end();
    double then = retries("made");
    ProblemShape.of(send("POST", "seen", BodyPublishers.ofString("x")), 503, "binding-down");
    assertThat(retries("made")).isEqualTo(then);
    ProblemShape.of(
        send("POST", "seen", BodyPublishers.ofByteArray(new byte[64 * 1024])), 503, "binding-down");
    assertThat(retries("made")).as("none of it was read").isEqualTo(then + 1);
  }

  @Test
  void oneCallInTenIsMadeAgainAndAFewMore() {
    int calls = 100;
    service.beBusyFor(10_000);
    for (int i = 0; i < calls; i++) {
      assertThat(get("seen").statusCode()).isEqualTo(503);
    }
    assertThat(service.asked())
        .hasSizeBetween(calls + calls / 10, calls + calls / 10 + RetryBudget.SAVED_MAX);
    assertThat(retries("over_budget")).isPositive();
    service.beBusyFor(0);
  }

  @Test
  void whoeverStandsInAnswersForAServiceThatIsAway() {
    assertThat(get("stand-in").body()).isEqualTo("fine");
    service.turnDeaf(true);
    assertThat(get("stand-in").body()).isEqualTo("instead of TIMED_OUT");
    service.turnDeaf(false);
    service.end();
    var answer = get("stand-in");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).contains("text/plain");
    assertThat(answer.headers().firstValue("X-Request-Id")).isPresent();
    assertThat(answer.body()).startsWith("instead of ");
    ProblemShape.of(get("stand-in-breaks"), 503, "binding-down");
    ProblemShape.of(get("other"), 503, "binding-down");
  }
}
