package dev.sallyport.user.limit;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import io.vertx.core.MultiMap;
import java.time.Duration;
import java.util.Optional;

/** What becomes of a request. Immutable. */
public sealed interface Verdict {
  /** Within the budget. */
  record Admitted(Bucket bucket, Standing standing) implements Verdict {}

  /** Beyond the budget. */
  record Refused(Bucket bucket, Standing standing) implements Verdict {}

  /** Redis is away, and everybody gets through. */
  record Uncounted() implements Verdict {}

  /** Redis is away, and nobody gets through. */
  record Closed() implements Verdict {}

  /** Why the request ends here; empty where it does not. */
  default Optional<Problem> refusal() {
    return switch (this) {
      case Admitted admitted -> Optional.empty();
      case Uncounted uncounted -> Optional.empty();
      case Refused(var bucket, var standing) ->
          Optional.of(
              Problem.retryable(
                  ProblemType.TOO_MANY_REQUESTS,
                  switch (bucket.kind()) {
                    case ADDRESS ->
                        "Too many requests without a valid credential from this address.";
                    case PRINCIPAL -> "Too many requests of this user or API key.";
                  },
                  Duration.ofNanos(standing.nextMicros() * 1000)));
      case Closed closed ->
          Optional.of(
              Problem.retryable(
                  ProblemType.STORE_DOWN,
                  "Requests cannot be counted now, and are not let through uncounted.",
                  Duration.ofSeconds(1)));
    };
  }

  /** Tells the client how its budget stands, where somebody counted. */
  default void describe(MultiMap headers) {
    switch (this) {
      case Admitted(var bucket, var standing) -> LimitHeaders.put(headers, bucket, standing);
      case Refused(var bucket, var standing) -> LimitHeaders.put(headers, bucket, standing);
      case Uncounted uncounted -> {}
      case Closed closed -> {}
    }
  }
}
