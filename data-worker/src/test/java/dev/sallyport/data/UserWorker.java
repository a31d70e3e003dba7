package dev.sallyport.data;

import dev.sallyport.model.CallSigner;
import dev.sallyport.model.SignedCall;
import dev.sallyport.model.SigningKeys;
import dev.sallyport.model.WorkerHeaders;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;

/** Calls the data-worker under test as the user-worker does, or as somebody who is not. */
public final class UserWorker {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final URI base;
  private final SigningKeys keys;
  private final @Nullable String userId;
  private final @Nullable String roles;
  private final Duration clockAhead;
  private final @Nullable String idempotencyKey;

  private UserWorker(
      URI base,
      SigningKeys keys,
      @Nullable String userId,
      @Nullable String roles,
      Duration clockAhead,
      @Nullable String idempotencyKey) {
    this.base = base;
    this.keys = keys;
    this.userId = userId;
    this.roles = roles;
    this.clockAhead = clockAhead;
    this.idempotencyKey = idempotencyKey;
  }

  /** For the user {@code ada} with the roles {@code admin} and {@code user}. */
  public static UserWorker calling(URI base) {
    var keys = ConfigProvider.getConfig().getValue("sallyport.signing.keys", String.class);
    return new UserWorker(base, SigningKeys.parse(keys), "ada", "admin,user", Duration.ZERO, null);
  }

  public UserWorker forNobody() {
    return new UserWorker(base, keys, null, null, clockAhead, null);
  }

  public UserWorker withKey(String key) {
    return new UserWorker(base, SigningKeys.parse(key), userId, roles, clockAhead, null);
  }

  public UserWorker withClockAhead(Duration by) {
    return new UserWorker(base, keys, userId, roles, by, null);
  }

  /** For another user, with these roles, separated by commas and sorted. */
  public UserWorker forUser(String id, String otherRoles) {
    return new UserWorker(base, keys, id, otherRoles, clockAhead, null);
  }

  public UserWorker withIdempotencyKey(String key) {
    return new UserWorker(base, keys, userId, roles, clockAhead, key);
  }

  public int port() {
    return base.getPort();
  }

  /** All that the user-worker adds to a call, signed. */
  public Map<String, String> headers(String method, String target, @Nullable String contentType) {
    var call =
        new SignedCall(
            "BACKEND_SERVICE",
            method,
            target,
            userId,
            roles,
            "r-1",
            "127.0.0.1",
            "true",
            "10000",
            contentType,
            idempotencyKey);
    var clock = InstantSource.offset(InstantSource.system(), clockAhead);
    var headers = new LinkedHashMap<String, String>();
    if (userId != null && roles != null) {
      headers.put(WorkerHeaders.USER_ID, userId);
      headers.put(WorkerHeaders.USER_ROLES, roles);
    }
    headers.put(WorkerHeaders.REQUEST_ID, "r-1");
    headers.put(WorkerHeaders.CLIENT_ADDRESS, "127.0.0.1");
    headers.put(WorkerHeaders.INTERNAL_REQUEST, "true");
    headers.put(WorkerHeaders.DEADLINE, "10000");
    if (idempotencyKey != null) {
      headers.put("Idempotency-Key", idempotencyKey);
    }
    headers.put(WorkerHeaders.SIGNATURE, new CallSigner(keys, clock).sign(call));
    return headers;
  }

  public HttpResponse<String> get(String target) {
    return send("GET", target, null, null, BodyHandlers.ofString());
  }

  public HttpResponse<byte[]> getBytes(String target) {
    return send("GET", target, null, null, BodyHandlers.ofByteArray());
  }

  public HttpResponse<String> postJson(String target, String json) {
    return send("POST", target, "application/json", json, BodyHandlers.ofString());
  }

  public HttpResponse<String> send(
      String method, String target, @Nullable String type, @Nullable String body) {
    return send(method, target, type, body, BodyHandlers.ofString());
  }

  private <T> HttpResponse<T> send(
      String method,
      String target,
      @Nullable String type,
      @Nullable String body,
      HttpResponse.BodyHandler<T> handler) {
    var request = request(method, target, type, body);
    headers(method, target, type).forEach(request::header);
    return send(request, handler);
  }

  /** The same call with nothing of the user-worker's on it. */
  public HttpRequest.Builder request(
      String method, String target, @Nullable String type, @Nullable String body) {
    var request =
        HttpRequest.newBuilder(base.resolve(target))
            .timeout(Duration.ofSeconds(20))
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (type != null) {
      request.header("Content-Type", type);
    }
    return request;
  }

  public HttpResponse<String> send(HttpRequest.Builder request) {
    return send(request, BodyHandlers.ofString());
  }

  private static <T> HttpResponse<T> send(
      HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler) {
    try {
      return HTTP.send(request.build(), handler);
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
