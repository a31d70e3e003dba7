package dev.sallyport.user;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/** Somebody at the public port of the user-worker under test. Thread-safe. */
public final class Visitor {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final URI base;

  public Visitor(URI base) {
    this.base = base;
  }

  /**
   * An account with an open session.
   *
   * @param cookie name and value
   */
  public record SignedIn(
      String id, String email, String password, String token, String refreshToken, String cookie) {
    public String[] byToken() {
      return new String[] {"Authorization", "Bearer " + token};
    }

    public String[] byCookie() {
      return new String[] {"Cookie", cookie};
    }
  }

  public int port() {
    return base.getPort();
  }

  /** Where a page of our own comes from. */
  public String origin() {
    return "http://" + base.getAuthority();
  }

  public HttpResponse<String> get(String target, String... headers) {
    return send("GET", target, BodyPublishers.noBody(), headers);
  }

  public HttpResponse<String> post(String target, String json, String... headers) {
    return send("POST", target, BodyPublishers.ofString(json), withType(headers));
  }

  public HttpResponse<String> post(String target, Map<String, ?> body, String... headers) {
    return post(target, Json.text(body), headers);
  }

  private static String[] withType(String... headers) {
    var all = new String[headers.length + 2];
    all[0] = "Content-Type";
    all[1] = "application/json";
    System.arraycopy(headers, 0, all, 2, headers.length);
    return all;
  }

  public HttpResponse<String> send(
      String method, String target, BodyPublisher body, String... headers) {
    return send(method, target, body, BodyHandlers.ofString(), headers);
  }

  public <T> HttpResponse<T> send(
      String method,
      String target,
      BodyPublisher body,
      HttpResponse.BodyHandler<T> handler,
      String... headers) {
    var request =
        HttpRequest.newBuilder(base.resolve(target))
            .timeout(Duration.ofSeconds(30))
            .method(method, body);
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return HTTP.send(request.build(), handler);
    } catch (IOException e) {
      throw new AssertionError(method + " " + target, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** An address that nobody has yet. */
  public static String freshEmail() {
    return UUID.randomUUID() + "@example.org";
  }

  public SignedIn signUp() {
    var email = freshEmail();
    var password = "password of " + email;
    var made = post("/auth/register", Map.of("email", email, "password", password));
    if (made.statusCode() != 201) {
      throw new AssertionError(made.body());
    }
    return signIn(email, password);
  }

  public SignedIn signIn(String email, String password) {
    var answer = post("/auth/login", Map.of("email", email, "password", password));
    if (answer.statusCode() != 200) {
      throw new AssertionError(answer.body());
    }
    var body = Json.object(answer.body());
    var user = (Map<?, ?>) Objects.requireNonNull(body.get("user"));
    var cookie = answer.headers().firstValue("Set-Cookie").orElseThrow().split(";", 2)[0];
    return new SignedIn(
        String.valueOf(user.get("id")),
        email,
        password,
        String.valueOf(body.get("accessToken")),
        String.valueOf(body.get("refreshToken")),
        cookie);
  }

  /** What /auth/me says to these headers. */
  public int me(String... headers) {
    return get("/auth/me", headers).statusCode();
  }
}
