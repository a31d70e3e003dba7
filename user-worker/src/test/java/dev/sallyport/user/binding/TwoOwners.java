package dev.sallyport.user.binding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.model.CallSigner;
import dev.sallyport.model.SignatureCheck;
import dev.sallyport.model.SigningKeys;
import dev.sallyport.user.ProblemShape;
import dev.sallyport.user.Visitor;
import io.quarkus.test.common.http.TestHTTPResource;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A data-worker of many, and two that own what is called. */
abstract class TwoOwners {
  private static final Duration READ_AGAIN_WITHIN = Duration.ofSeconds(10);

  @TestHTTPResource("/")
  URI base;

  @ConfigProperty(name = "sallyport.signing.keys")
  String keys;

  final FakeWorker one = new FakeWorker("one");
  final FakeWorker two = new FakeWorker("two");

  Visitor visitor;
  Visitor.SignedIn ada;

  static String actor() {
    return "/api/internal/actors/counter/" + UUID.randomUUID();
  }

  @BeforeEach
  void beginTheWorkers() throws Exception {
    visitor = new Visitor(base);
    ada = visitor.signUp();
    LeaseTables.begin(one.address());
    LeaseTables.begin(two.address());
    untilAnswered("one", one);
    untilAnswered("two", two);
    one.asked().clear();
    two.asked().clear();
  }

  @AfterEach
  void endTheWorkers() throws Exception {
    LeaseTables.end(one.address());
    LeaseTables.end(two.address());
    one.close();
    two.close();
  }

  /** The list of workers is read a few times a second. */
  void untilAnswered(String name, FakeWorker worker) {
    until(() -> name.equals(call(actor(), "?owner=" + worker.address()).body()));
  }

  static void until(BooleanSupplier holds) {
    long began = System.nanoTime();
    while (!holds.getAsBoolean()) {
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(READ_AGAIN_WITHIN);
    }
  }

  /** What the data-worker makes of a call's signature. */
  SignatureCheck signature(FakeWorker.Asked asked) {
    return new CallSigner(SigningKeys.parse(keys), InstantSource.system())
        .check(asked.signed(), asked.headers().get("X-Sallyport-Signature"));
  }

  static void noOwner(HttpResponse<String> answer) {
    assertThat(ProblemShape.of(answer, 503, "binding-down"))
        .containsAllEntriesOf(Map.of("retryable", true, "retryAfter", 1));
  }

  static String answered(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }

  HttpResponse<String> call(String thing, String rest) {
    return visitor.get(thing + rest, ada.byToken());
  }
}
