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

/** What a request looks like behind the edge: allowed headers, and the user-worker's word. */
final class OurWord {
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

  /** What an upgrade needs besides. */
  private static final Set<String> HANDSHAKE =
      Set.of(
          "upgrade",
          "sec-websocket-extensions",
          "sec-websocket-key",
          "sec-websocket-protocol",
          "sec-websocket-version");

  private final Deployment deployment;
  private final Gate gate;

  OurWord(Deployment deployment, Gate gate) {
    this.deployment = deployment;
    this.gate = gate;
  }

  /**
   * Asserts that each header is one of these, that ours are there once, and that we signed them.
   */
  void assertOnly(Recorder.Seen seen) {
    var headers = seen.headers();
    for (var name : WorkerHeaders.ADDED_BY_USER_WORKER) {
      assertThat(headers.all(name)).as(name).hasSize(1);
    }
    assertThat(headers.first("X-User-Id")).contains(gate.session().account().id());
    assertThat(headers.first("X-User-Roles")).contains("user");
    assertThat(headers.first("X-Internal-Request")).contains("true");
    assertThat(headers.first("X-Client-Address")).contains("127.0.0.1");
    boolean upgrade = headers.first("Upgrade").isPresent();
    assertThat(headers.names())
        .allSatisfy(name -> assertThat(isExpected(name, upgrade)).as(name).isTrue());
    assertThat(
            new CallSigner(SigningKeys.parse(deployment.signingKeys()), InstantSource.system())
                .check(call(seen), header(seen, WorkerHeaders.SIGNATURE)))
        .isEqualTo(new SignatureCheck.Valid());
  }

  private static boolean isExpected(String name, boolean upgrade) {
    var lower = name.toLowerCase(Locale.ROOT);
    return Gate.isOurs(name) || ALLOWED.contains(lower) || (upgrade && HANDSHAKE.contains(lower));
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
}
