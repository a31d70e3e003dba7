package dev.sallyport.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Plain calls to one worker over kept connections. Thread-safe. */
final class Http {
  private static final Duration BOUND = Duration.ofSeconds(20);

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(BOUND).build();
  private final URI base;
  private final Duration bound;

  private Http(URI base, Duration bound) {
    this.base = base;
    this.bound = bound;
  }

  static Http to(URI base) {
    return new Http(base, BOUND);
  }

  /** The same with another bound on every call. */
  Http within(Duration other) {
    return new Http(base, other);
  }

  /**
   * A call without a body.
   *
   * @param headers names and values in turn
   */
  Answer get(String target, String... headers) {
    return send("GET", target, null, headers);
  }

  /** A POST of JSON. */
  Answer post(String target, String json, String... headers) {
    return send("POST", target, json, headers);
  }

  /**
   * Any method; a body is sent as JSON.
   *
   * @throws UncheckedIOException where no answer came within the bound
   */
  Answer send(String method, String target, @Nullable String json, String... headers) {
    var request = HttpRequest.newBuilder(base.resolve(target)).timeout(bound);
    if (headers.length > 0) {
      request.headers(headers);
    }
    if (json == null) {
      request.method(method, BodyPublishers.noBody());
    } else {
      request.setHeader("Content-Type", "application/json");
      request.method(method, BodyPublishers.ofString(json));
    }
    try {
      var answer = client.send(request.build(), BodyHandlers.ofString());
      var fields =
          answer.headers().map().entrySet().stream()
              .flatMap(e -> e.getValue().stream().map(v -> new Headers.Field(e.getKey(), v)))
              .toList();
      return new Answer(answer.statusCode(), new Headers(fields), answer.body());
    } catch (IOException e) {
      throw new UncheckedIOException(method + " " + base.resolve(target), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
