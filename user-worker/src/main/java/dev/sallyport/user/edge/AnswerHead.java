package dev.sallyport.user.edge;

import dev.sallyport.model.WorkerHeaders;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;

/** The head of a private answer as the client gets it, with what took how long. */
final class AnswerHead {
  private static final CharSequence BINDING_TIME =
      HttpHeaders.createOptimized(WorkerHeaders.BINDING_TIME);
  private static final CharSequence SERVER_TIMING = HttpHeaders.createOptimized("Server-Timing");

  private AnswerHead() {}

  /**
   * Prepares the answer to the client; nothing is written yet.
   *
   * @param nanos how long the call took up to here
   */
  static void copy(HttpClientResponse from, HttpServerRequest client, long nanos) {
    var answer = client.response().setStatusCode(from.statusCode());
    HeaderRules.towardsClient(from.headers(), answer.headers());
    long micros = nanos / 1000;
    answer.putHeader(BINDING_TIME, Long.toString(micros / 1000));
    answer.putHeader(SERVER_TIMING, "binding;dur=" + micros / 1000 + "." + micros / 100 % 10);
    boolean sized = from.headers().contains(HttpHeaders.CONTENT_LENGTH);
    if (!sized && hasBody(from.statusCode(), client) && client.version() != HttpVersion.HTTP_1_0) {
      answer.setChunked(true);
    }
  }

  private static boolean hasBody(int status, HttpServerRequest client) {
    return status != 204 && status != 304 && !isHead(client);
  }

  /** Whether only the head was asked for. */
  static boolean isHead(HttpServerRequest client) {
    return client.method().equals(HttpMethod.HEAD);
  }
}
