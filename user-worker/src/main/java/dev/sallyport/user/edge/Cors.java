package dev.sallyport.user.edge;

import dev.sallyport.model.WorkerHeaders;
import dev.sallyport.user.limit.LimitHeaders;
import dev.sallyport.user.platform.Problems;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Lets pages of the allowed origins read answers, whoever gives them: our handlers, a binding, or
 * the edge with a problem. With credentials, since those origins may act with a cookie too (see
 * {@link OriginRule}). A page of any other origin is told nothing, and its browser keeps the answer
 * from it; our own pages need no permission. Immutable; on event loops.
 */
final class Cors {
  private static final CharSequence ORIGIN = HttpHeaders.createOptimized("Origin");
  private static final CharSequence TRUE = HttpHeaders.createOptimized("true");

  /** With credentials a star would stand for itself, so everything is named. */
  private static final CharSequence METHODS =
      HttpHeaders.createOptimized("GET, HEAD, POST, PUT, PATCH, DELETE");

  private static final CharSequence REQUEST_HEADERS =
      HttpHeaders.createOptimized(
          Stream.concat(
                  Stream.of("Authorization", "X-API-Key"),
                  HeaderRules.passedToPrivate().map(CharSequence::toString))
              .collect(Collectors.joining(", ")));

  private static final CharSequence EXPOSED =
      HttpHeaders.createOptimized(
          String.join(
              ", ",
              WorkerHeaders.REQUEST_ID,
              WorkerHeaders.BINDING_TIME,
              "Server-Timing",
              "Retry-After",
              LimitHeaders.STANDING,
              LimitHeaders.POLICY,
              "Location",
              "ETag",
              "Allow",
              "Accept-Ranges",
              "Content-Disposition",
              "Content-Range",
              "WWW-Authenticate"));

  /** Two hours, which is as long as Chromium remembers. */
  private static final CharSequence MAX_AGE = HttpHeaders.createOptimized("7200");

  private static final CharSequence VARY_OF_PREFLIGHT =
      HttpHeaders.createOptimized(
          "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");

  private final Set<String> allowed;

  Cors(List<String> allowed) {
    this.allowed = Set.copyOf(allowed);
  }

  /**
   * Sees to it that whatever answers this request says who may read that. Called once, before
   * anything can answer.
   */
  void begin(RoutingContext context) {
    if (!allowed.isEmpty()) {
      var origin = allowedOrigin(context.request().headers());
      // When the head is written: by then nobody can replace what it says.
      context.addHeadersEndHandler(ending -> admit(context.response().headers(), origin));
    }
  }

  private static void admit(MultiMap answer, @Nullable String origin) {
    // A cache must not show one origin's answer to another, nor to one that sent none.
    if (!HeaderRules.lists(answer, HttpHeaders.VARY, ORIGIN.toString())) {
      answer.add(HttpHeaders.VARY, ORIGIN);
    }
    if (origin != null) {
      answer
          .set(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, origin)
          .set(HttpHeaders.ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
      if (!answer.contains(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS)) {
        answer.set(HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
      }
    }
  }

  /**
   * Whether a browser asks whether a page of an allowed origin may make a request, before it makes
   * it.
   */
  boolean isQuestion(HttpServerRequest request) {
    return request.method().equals(HttpMethod.OPTIONS)
        && request.headers().contains(HttpHeaders.ACCESS_CONTROL_REQUEST_METHOD)
        && allowedOrigin(request.headers()) != null;
  }

  /**
   * Answers that question. That there is such a path, and that it takes the method, the request
   * itself finds out.
   */
  void answer(RoutingContext context) {
    context
        .response()
        .putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, METHODS)
        .putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS)
        .putHeader(HttpHeaders.ACCESS_CONTROL_MAX_AGE, MAX_AGE)
        .putHeader(HttpHeaders.VARY, VARY_OF_PREFLIGHT);
    Problems.answerNothing(context);
  }

  private @Nullable String allowedOrigin(MultiMap headers) {
    var origins = headers.getAll(HttpHeaders.ORIGIN);
    return origins.size() == 1 && allowed.contains(origins.getFirst()) ? origins.getFirst() : null;
  }
}
