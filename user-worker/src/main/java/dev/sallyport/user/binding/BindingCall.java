package dev.sallyport.user.binding;

import dev.sallyport.model.SignedCall;
import dev.sallyport.model.WorkerHeaders;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One call to a private service, before it is signed.
 *
 * @param target path and query as they go out
 * @param forwarded the client's headers that may pass; owned by this call
 * @param userId absent for an anonymous call, like {@code userRoles}
 * @param keyId the API key that the caller came with, which stays here; absent for others
 * @param timeLeft how long the caller waits
 */
public record BindingCall(
    HttpMethod method,
    String target,
    MultiMap forwarded,
    @Nullable String userId,
    @Nullable String userRoles,
    @Nullable String keyId,
    String requestId,
    String clientAddress,
    Duration timeLeft) {
  private static final String INTERNAL = "true";

  private static final Set<HttpMethod> IDEMPOTENT =
      Set.of(
          HttpMethod.GET,
          HttpMethod.HEAD,
          HttpMethod.OPTIONS,
          HttpMethod.PUT,
          HttpMethod.DELETE,
          HttpMethod.TRACE);

  /** What is signed: the headers exactly as {@link #headersUnder} adds them. */
  SignedCall toSign(String binding) {
    return new SignedCall(
        binding,
        method.name(),
        target,
        userId,
        userRoles,
        requestId,
        clientAddress,
        INTERNAL,
        deadline(),
        forwarded.get(HttpHeaders.CONTENT_TYPE),
        forwarded.get(IDEMPOTENCY_KEY));
  }

  private static final CharSequence IDEMPOTENCY_KEY =
      HttpHeaders.createOptimized("Idempotency-Key");

  /** The same call by somebody who waits as long as this. */
  public BindingCall within(Duration left) {
    return new BindingCall(
        method, target, forwarded, userId, userRoles, keyId, requestId, clientAddress, left);
  }

  /** The target without its query. */
  String path() {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  /** Whether it may be made twice without harm (RFC 9110, 9.2.2). */
  public boolean isIdempotent() {
    return IDEMPOTENT.contains(method);
  }

  private String deadline() {
    return Long.toString(timeLeft.toMillis());
  }

  /** The forwarded headers and ours, which come last and replace any of the same name. */
  MultiMap headersUnder(@Nullable String signature) {
    if (userId != null && userRoles != null) {
      forwarded.set(WorkerHeaders.USER_ID, userId).set(WorkerHeaders.USER_ROLES, userRoles);
    }
    forwarded
        .set(WorkerHeaders.REQUEST_ID, requestId)
        .set(WorkerHeaders.CLIENT_ADDRESS, clientAddress)
        .set(WorkerHeaders.INTERNAL_REQUEST, INTERNAL)
        .set(WorkerHeaders.DEADLINE, deadline());
    if (signature != null) {
      forwarded.set(WorkerHeaders.SIGNATURE, signature);
    }
    return forwarded;
  }
}
