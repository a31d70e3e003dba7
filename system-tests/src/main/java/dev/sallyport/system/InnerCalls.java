package dev.sallyport.system;

import dev.sallyport.model.CallSigner;
import dev.sallyport.model.SignedCall;
import dev.sallyport.model.SigningKeys;
import dev.sallyport.model.WorkerHeaders;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Calls to the data-worker, signed as the user-worker signs them. Thread-safe. */
final class InnerCalls {
  static final String BINDING = "BACKEND_SERVICE";
  private static final String DEADLINE_MS = "10000";

  private final CallSigner signer;
  private final String userId;

  /**
   * @param keys as in {@code SALLYPORT_SIGNING_KEYS}
   * @param clock the time that the signature states
   */
  InnerCalls(String keys, InstantSource clock, String userId) {
    this.signer = new CallSigner(SigningKeys.parse(keys), clock);
    this.userId = userId;
  }

  /** The headers that the user-worker adds to such a call, its signature last. */
  List<Headers.Field> headers(String method, String target, @Nullable String contentType) {
    return headers(method, target, contentType, null);
  }

  /** The same with an {@code Idempotency-Key}, which is signed too. */
  List<Headers.Field> headers(
      String method, String target, @Nullable String contentType, @Nullable String idempotencyKey) {
    var call =
        new SignedCall(
            BINDING,
            method,
            target,
            userId,
            "user",
            "system-test",
            "127.0.0.1",
            "true",
            DEADLINE_MS,
            contentType,
            idempotencyKey);
    var headers = new ArrayList<Headers.Field>();
    headers.add(new Headers.Field(WorkerHeaders.USER_ID, userId));
    headers.add(new Headers.Field(WorkerHeaders.USER_ROLES, "user"));
    headers.add(new Headers.Field(WorkerHeaders.REQUEST_ID, "system-test"));
    headers.add(new Headers.Field(WorkerHeaders.CLIENT_ADDRESS, "127.0.0.1"));
    headers.add(new Headers.Field(WorkerHeaders.INTERNAL_REQUEST, "true"));
    headers.add(new Headers.Field(WorkerHeaders.DEADLINE, DEADLINE_MS));
    if (contentType != null) {
      headers.add(new Headers.Field("Content-Type", contentType));
    }
    if (idempotencyKey != null) {
      headers.add(new Headers.Field("Idempotency-Key", idempotencyKey));
    }
    headers.add(new Headers.Field(WorkerHeaders.SIGNATURE, signer.sign(call)));
    return headers;
  }

  /** A whole request as bytes on the wire would be. */
  String request(String method, String target, @Nullable String contentType, String body) {
    var text = new StringBuilder(1024);
    text.append(method).append(' ').append(target).append(" HTTP/1.1\r\nHost: localhost\r\n");
    for (var field : headers(method, target, contentType)) {
      text.append(field.name()).append(": ").append(field.value()).append("\r\n");
    }
    if (contentType != null) {
      text.append("Content-Length: ").append(body.length()).append("\r\n");
    }
    return text.append("\r\n").append(body).toString();
  }
}
