package dev.sallyport.data.binding;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Remembers the last call that was refused for its time. Thread-safe. */
@Singleton
class ClockSkew {
  /** How long a refusal is news. */
  static final Duration MEMORY = Duration.ofMinutes(1);

  private static final Logger LOG = Logger.getLogger(ClockSkew.class);

  private record Seen(Duration behind, Instant at) {}

  private final Clock clock;
  private volatile @Nullable Seen last;

  @Inject
  ClockSkew(Clock clock) {
    this.clock = clock;
  }

  /**
   * Notes a refusal, and logs the first one in a while.
   *
   * @param behind how far the signer's clock is behind ours; negative when ahead
   */
  void refused(Duration behind) {
    if (recent().isEmpty()) {
      LOG.warnf(
          "a signed call is %d s off this worker's clock and was refused: look at both clocks",
          behind.toSeconds());
    }
    last = new Seen(behind, clock.instant());
  }

  /** The skew of the last refused call, if that was less than {@link #MEMORY} ago. */
  Optional<Duration> recent() {
    var seen = last;
    return seen == null || clock.instant().isAfter(seen.at().plus(MEMORY))
        ? Optional.empty()
        : Optional.of(seen.behind());
  }
}
