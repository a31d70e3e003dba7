package dev.sallyport.user.edge;

import dev.sallyport.user.binding.BindingFailure;
import dev.sallyport.user.binding.Retry;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.time.Duration;
import java.util.Optional;

/**
 * Makes a call again where its binding allows it, as long as no byte of its body was read and its
 * caller waits. Confined to the event loop of the client's connection.
 */
final class Repetition {
  private final Vertx vertx;
  private final Retry retry;
  private final Patience patience;
  private final Runnable again;
  private boolean untouched = true;

  /**
   * @param patience with the deadline of the call
   * @param again makes the call; it may have ended by then
   */
  Repetition(Vertx vertx, Retry retry, Patience patience, Runnable again) {
    this.vertx = vertx;
    this.retry = retry;
    this.patience = patience;
    this.again = again;
  }

  /** Of the body something was read: whatever comes is the answer. */
  void bodyRead() {
    untouched = false;
  }

  /** Whether the body of this answer says if the call can be made again. */
  boolean isWorthReading(HttpClientResponse answer) {
    return untouched && retry.isWorthReading(answer);
  }

  /** Whether it is made again after an answer with this body. */
  boolean begins(Buffer answer) {
    return begins(retry.afterAnswer(answer, patience.left()));
  }

  /** The same after a failure before any answer. */
  boolean begins(BindingFailure failure) {
    return untouched && begins(retry.afterFailure(failure, patience.left()));
  }

  private boolean begins(Optional<Duration> pause) {
    pause.ifPresent(time -> vertx.setTimer(time.toMillis(), now -> again.run()));
    return pause.isPresent();
  }
}
