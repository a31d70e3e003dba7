package dev.sallyport.user.binding;

import io.vertx.core.AsyncResult;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.StreamResetException;
import java.io.IOException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A call at one address, from the wait for a connection to the head of the answer. Tells that
 * address's breaker what came of it. Told on the caller's event loop.
 */
final class Attempt {
  /** What a request is reset with when its time is over; never on the wire of HTTP/1. */
  private static final long TOO_LATE = 1;

  private final Breakers breakers;
  private final Breaker breaker;
  private final Breaker.Pass pass;
  private final @Nullable WorkerAddress at;
  private final Runnable over;

  /**
   * @param over told once, when it waits no more
   */
  Attempt(
      Breakers breakers,
      Breaker breaker,
      Breaker.Pass pass,
      @Nullable WorkerAddress at,
      Runnable over) {
    this.breakers = breakers;
    this.breaker = breaker;
    this.pass = pass;
    this.at = at;
    this.over = over;
  }

  /** Gives a request up because its time is over, which is its address's fault. */
  static void giveUp(HttpClientRequest request) {
    request.reset(TOO_LATE);
  }

  /** It was not even made, for a reason of ours. */
  void dropped() {
    over.run();
    breaker.abandoned(pass);
  }

  /** There is a connection, or why there is none. */
  void opened(AsyncResult<HttpClientRequest> opened) {
    if (opened.succeeded()) {
      opened.result().response().onComplete(this::answered);
    } else {
      failed(opened.cause());
    }
  }

  private void answered(AsyncResult<HttpClientResponse> answer) {
    if (answer.succeeded()) {
      over.run();
      breaker.succeeded(pass);
    } else {
      failed(answer.cause());
    }
  }

  private void failed(Throwable cause) {
    over.run();
    if (isItsFault(cause)) {
      breakers.failed(at, breaker, pass);
    } else {
      breaker.abandoned(pass);
    }
  }

  /**
   * Whether it was refused, broken off or too late, rather than ours or the client's doing. What is
   * none of these could be brought about by a client, who must not stop the calls of others.
   */
  static boolean isItsFault(Throwable cause) {
    return switch (cause) {
      case StreamResetException reset -> reset.getCode() == TOO_LATE;
      case ConnectionPoolTooBusyException busy -> false;
      case IOException broken -> true;
      case TimeoutException late -> true;
      case UnresolvedAddressException nowhere -> true;
      case HttpClosedException closed -> true;
      default -> false;
    };
  }
}
