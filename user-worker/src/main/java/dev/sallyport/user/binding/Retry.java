package dev.sallyport.user.binding;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.time.Duration;
import java.util.Optional;

/**
 * Whether one call is made again. To be asked only while no byte of its body was read from the
 * client. Confined to the call's event loop.
 */
public final class Retry {
  private final Retries retries;
  private final BindingCall call;
  private int made;

  Retry(Retries retries, BindingCall call) {
    this.retries = retries;
    this.call = call;
  }

  /** Whether the body of this answer says if the call can be made again. */
  public boolean isWorthReading(HttpClientResponse answer) {
    return retries.isWorthReading(call, answer);
  }

  /**
   * After what pause to make the call again that was answered with this body; nothing where it is
   * the answer.
   *
   * @param left how long the caller still waits
   */
  public Optional<Duration> afterAnswer(Buffer body, Duration left) {
    return counted(retries.afterAnswer(body, made, left));
  }

  /** The same for a call that could not be made. */
  public Optional<Duration> afterFailure(BindingFailure failure, Duration left) {
    return failure == BindingFailure.REFUSED
        ? counted(retries.afterRefusal(made, left))
        : Optional.empty();
  }

  private Optional<Duration> counted(Optional<Duration> pause) {
    if (pause.isPresent()) {
      made++;
    }
    return pause;
  }
}
