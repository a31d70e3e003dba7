package dev.sallyport.user.auth;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import dev.sallyport.user.platform.ProblemException;
import dev.sallyport.user.platform.Ticker;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * The keys of another issuer, as it publishes them. Kept for ten minutes, read again beside the
 * requests, and believed for a day when the issuer is away. A key that is not there makes us look,
 * but not more often than every ten seconds. One question at a time. Thread-safe.
 */
final class IssuerKeys {
  static final Duration FRESH_FOR = Duration.ofMinutes(10);
  static final Duration BELIEVED_FOR = Duration.ofDays(1);
  static final Duration LOOK_AGAIN_AFTER = Duration.ofSeconds(10);

  private static final Logger LOG = Logger.getLogger(IssuerKeys.class);
  private static final int KEYS_MAX = 100;

  private record Read(List<JsonWebKey> keys, long at) {}

  private final String issuer;
  private final Supplier<CompletionStage<String>> source;
  private final Ticker ticker;
  private volatile @Nullable Read read;
  private @Nullable Future<Read> reading;
  private @Nullable Long askedAt;

  /**
   * @param source asks for the key set once; does not block
   */
  IssuerKeys(String issuer, Supplier<CompletionStage<String>> source, Ticker ticker) {
    this.issuer = issuer;
    this.source = source;
    this.ticker = ticker;
  }

  /**
   * The keys, where this one is among them if the issuer has it. Completes on any thread.
   *
   * @param kid of the token; null where it names none
   * @return fails with {@code STORE_DOWN} where there are none that can be believed
   */
  Future<List<JsonWebKey>> withKey(@Nullable String kid) {
    var known = read;
    if (known == null || age(known.at()).compareTo(BELIEVED_FOR) > 0) {
      return ask().map(Read::keys);
    }
    if (kid != null && known.keys().stream().noneMatch(key -> kid.equals(key.getKeyId()))) {
      return ask().map(Read::keys).otherwise(known.keys());
    }
    if (age(known.at()).compareTo(FRESH_FOR) > 0) {
      ask();
    }
    return Future.succeededFuture(known.keys());
  }

  private Duration age(long at) {
    return Duration.ofNanos(ticker.nanos() - at);
  }

  /** Asks the issuer, unless somebody is asking or did a moment ago. */
  private synchronized Future<Read> ask() {
    if (reading != null) {
      return reading;
    }
    long now = ticker.nanos();
    if (askedAt != null && age(askedAt).compareTo(LOOK_AGAIN_AFTER) < 0) {
      var known = read;
      return known == null || age(known.at()).compareTo(BELIEVED_FOR) > 0
          ? Future.failedFuture(away())
          : Future.succeededFuture(known);
    }
    askedAt = now;
    var asked =
        Future.fromCompletionStage(source.get())
            .map(text -> new Read(parse(text), now))
            .recover(failure -> {
              LOG.warnf("the keys of %s could not be read: %s", issuer, failure.toString());
              return Future.failedFuture(away());
            });
    reading = asked;
    asked.onComplete(done -> ended(done.succeeded() ? done.result() : null));
    return asked;
  }

  private synchronized void ended(@Nullable Read result) {
    reading = null;
    if (result != null) {
      read = result;
    }
  }

  private static List<JsonWebKey> parse(String text) {
    try {
      var keys = new JsonWebKeySet(text).getJsonWebKeys();
      if (keys.size() > KEYS_MAX) {
        throw new IllegalArgumentException("more than " + KEYS_MAX + " keys");
      }
      return List.copyOf(keys);
    } catch (JoseException e) {
      throw new IllegalArgumentException("not a key set", e);
    }
  }

  private static ProblemException away() {
    return new ProblemException(
        Problem.retryable(
            ProblemType.STORE_DOWN,
            "The keys of the token's issuer cannot be read now.",
            LOOK_AGAIN_AFTER));
  }
}
