package dev.sallyport.user.route;

import dev.sallyport.model.CallSigner;
import dev.sallyport.model.SigningKeys;
import dev.sallyport.model.TextSeal;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Editions on their way from one user-worker to another: {@code <sealed at> <written at>}, a line
 * feed, the text, all under a seal. A text without it is nobody's, one that was sealed too long ago
 * is nobody's any more, and one that this worker would not take from its own file it does not take
 * from others. Immutable.
 */
final class SharedRoutes {
  /** So long a worker speaks for its file without saying it again; as far as clocks may differ. */
  static final Duration LASTS = CallSigner.TOLERANCE;

  /** After so long it is said again. */
  static final Duration SAID_AGAIN_AFTER = Duration.ofSeconds(20);

  private static final Pattern TEXT =
      Pattern.compile("(\\d{1,15}) (\\d{1,15})\\n(.*)", Pattern.DOTALL);

  private final TextSeal seal;
  private final RouteReader reader;
  private final InstantSource clock;

  /** What another worker, or this one, has said. */
  record Said(Edition edition, Duration ago) {
    /** Whether it need not be said again. */
    boolean isFresh() {
      return ago.compareTo(SAID_AGAIN_AFTER) < 0;
    }
  }

  SharedRoutes(SigningKeys keys, RouteReader reader, InstantSource clock) {
    this.seal = new TextSeal(keys, "sallyport routes");
    this.reader = reader;
    this.clock = clock;
  }

  String seal(Edition edition) {
    return seal.seal(clock.millis() + " " + edition.writtenAt() + "\n" + edition.text());
  }

  /**
   * What was said, if it still counts.
   *
   * @throws RouteError where the text does not come from a user-worker, or names what this one does
   *     not have
   */
  Optional<Said> open(String sealed) throws RouteError {
    var parts =
        TEXT.matcher(
            seal.open(sealed).orElseThrow(() -> RouteError.unreadable("it has no seal of ours")));
    if (!parts.matches()) {
      throw RouteError.unreadable("it is of another release");
    }
    var ago = Duration.ofMillis(clock.millis() - Long.parseLong(parts.group(1)));
    if (ago.abs().compareTo(LASTS) > 0) {
      return Optional.empty();
    }
    var text = parts.group(3);
    var read = reader.read(text);
    long writtenAt = Math.min(Long.parseLong(parts.group(2)), clock.millis());
    return Optional.of(new Said(new Edition(read.version(), writtenAt, text, read.table()), ago));
  }
}
