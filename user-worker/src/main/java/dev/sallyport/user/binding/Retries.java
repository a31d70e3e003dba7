package dev.sallyport.user.binding;

import dev.sallyport.model.Problem;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Which calls of a binding are made again, and after what pause. Thread-safe, does not block.
 *
 * <p>Whoever asks has read no byte of the call's body from its client, else it does not ask.
 */
final class Retries {
  private static final int UNAVAILABLE = 503;

  /** Problems have fewer than ten thousand bytes. */
  private static final int LENGTH_DIGITS_MAX = 4;

  private static final int PAUSE_MIN_MILLIS = 20;
  private static final int PAUSE_MAX_MILLIS = 100;

  private final int max;
  private final RetryBudget budget;
  private final RandomGenerator random;
  private final Counter made;
  private final Counter overBudget;

  /**
   * @param max how often one call is made again at most; 0 for never
   * @param percent how many of all calls, in hundredths
   */
  Retries(String binding, int max, int percent, RandomGenerator random, MeterRegistry metrics) {
    this.max = max;
    this.budget = new RetryBudget(percent);
    this.random = random;
    this.made = counter("made", binding, metrics);
    this.overBudget = counter("over_budget", binding, metrics);
  }

  private static Counter counter(String outcome, String binding, MeterRegistry metrics) {
    return Counter.builder("sallyport_binding_retries")
        .description("Calls that could be made again, and whether they were")
        .tag("binding", binding)
        .tag("outcome", outcome)
        .register(metrics);
  }

  /** A call was made for the first time. */
  void earn() {
    budget.earn();
  }

  /** Whether this answer may say that its call can be made again: then its body is to be read. */
  boolean isWorthReading(BindingCall call, HttpClientResponse answer) {
    if (max == 0 || answer.statusCode() != UNAVAILABLE || !call.isIdempotent()) {
      return false;
    }
    var type = answer.getHeader(HttpHeaders.CONTENT_TYPE);
    var length = answer.getHeader(HttpHeaders.CONTENT_LENGTH);
    return type != null
        && type.startsWith(Problem.MEDIA_TYPE)
        && length != null
        && length.length() <= LENGTH_DIGITS_MAX;
  }

  /**
   * The pause before the call is made again that was answered so; nothing where it is not.
   *
   * @param body of an answer that {@link #isWorthReading}
   * @param before how often it was made again already
   * @param left how long its caller still waits
   */
  Optional<Duration> afterAnswer(Buffer body, int before, Duration left) {
    return isRetryable(body) ? again(before, left) : Optional.empty();
  }

  /** The same for a call that was not taken: it had no effect, whatever it was. */
  Optional<Duration> afterRefusal(int before, Duration left) {
    return again(before, left);
  }

  private Optional<Duration> again(int before, Duration left) {
    var pause = Duration.ofMillis(random.nextInt(PAUSE_MIN_MILLIS, PAUSE_MAX_MILLIS));
    if (before >= max || left.compareTo(pause) <= 0) {
      return Optional.empty();
    }
    if (!budget.spend()) {
      overBudget.increment();
      return Optional.empty();
    }
    made.increment();
    return Optional.of(pause);
  }

  private static boolean isRetryable(Buffer body) {
    try {
      return new JsonObject(body).getValue("retryable") instanceof Boolean said && said;
    } catch (DecodeException notAProblem) {
      return false;
    }
  }
}
