package dev.sallyport.user.auth;

import dev.sallyport.user.auth.AuthSql.StoredKey;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.EllipticCurveJsonWebKey;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.lang.JoseException;

/**
 * The ES256 keys that sign our tokens. They live in Postgres, so a token outlives any worker; the
 * private halves are encrypted there. A new one is published a while before it signs; the newest
 * that may signs, each verifies; one is removed when the last of its tokens is over. Every worker
 * reads them again every few seconds and rotates them when it is time: Postgres lets one of them.
 * Thread-safe.
 */
@ApplicationScoped
class TokenKeys {
  private static final Logger LOG = Logger.getLogger(TokenKeys.class);

  /** A token with a key we do not know makes us look again, but not more often than this. */
  private static final long LOOK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final Duration LOOK_EVERY = Duration.ofSeconds(5);
  private static final Duration ROTATE_EVERY = Duration.ofMinutes(1);

  /** Longer than a reader of a key set keeps it, as a rule. */
  static final Duration PUBLISHED_AHEAD = Duration.ofMinutes(15);

  /** One key. */
  record TokenKey(
      String kid,
      PublicKey publicKey,
      PrivateKey privateKey,
      String publicJwk,
      Instant signsFrom) {}

  private final AuthSql sql;
  private final KeyEncryption encryption;
  private final AuthSettings settings;
  private final SecureRandom random;
  private final InstantSource clock;
  private final CopyOnWriteArrayList<Runnable> removals = new CopyOnWriteArrayList<>();
  private final AtomicLong lookedAt = new AtomicLong(System.nanoTime() - LOOK_AGAIN_NANOS);
  private volatile Map<String, TokenKey> keys = Map.of();
  private volatile List<StoredKey> seen = List.of();

  @Inject
  TokenKeys(AuthSql sql, AuthSettings settings, SecureRandom random, InstantSource clock) {
    this.sql = sql;
    this.settings = settings;
    this.clock = clock;
    this.encryption = new KeyEncryption(settings.keyEncryptionKey().orElse(""), random);
    this.random = random;
  }

  /** Loads the keys and makes the first one where there is none. */
  Future<Void> load() {
    return sql.signingKeys()
        .compose(stored ->
            stored.isEmpty()
                ? sql.addFirstSigningKey(seal(generate())).compose(made -> sql.signingKeys())
                : Future.succeededFuture(stored))
        .map(stored -> {
          if (!stored.equals(seen)) {
            take(read(stored));
            seen = stored;
          }
          return null;
        });
  }

  private synchronized void take(Map<String, TokenKey> now) {
    boolean removed = !now.keySet().containsAll(keys.keySet());
    keys = now;
    if (removed) {
      removals.forEach(Runnable::run);
    }
  }

  /** Runs {@code listener} when a key has gone, after which no token of it is found good. */
  void onRemoved(Runnable listener) {
    removals.add(listener);
  }

  /** Begins to follow what other workers do, and to rotate; once the keys are loaded. */
  void start(Vertx vertx) {
    vertx.setPeriodic(
        LOOK_EVERY.toMillis(),
        tick -> load().onFailure(failure -> LOG.debugf("keys were not read: %s", failure)));
    vertx.setPeriodic(
        ROTATE_EVERY.toMillis(),
        tick -> rotate().onFailure(failure -> LOG.warnf("keys were not rotated: %s", failure)));
  }

  /** Makes the next key if it is time, and removes what no token needs any more. */
  Future<Void> rotate() {
    var lifetime = settings.signingKeyLifetime();
    var rotated =
        lifetime.isZero() || !isDue(lifetime)
            ? Future.<Void>succeededFuture()
            : sql.addNextSigningKey(seal(generate()), lifetime, PUBLISHED_AHEAD);
    return rotated
        .compose(added ->
            keys.size() > 1
                ? sql.removeOldSigningKeys(
                    settings.accessTokenLifetime().plus(Sessions.CLOCKS_APART))
                : Future.succeededFuture())
        .compose(removed -> load());
  }

  /** By our clock; Postgres decides by its own. */
  private boolean isDue(Duration lifetime) {
    var youngest = clock.instant().minus(lifetime);
    return keys.values().stream().noneMatch(key -> key.signsFrom().isAfter(youngest));
  }

  private StoredKey seal(EllipticCurveJsonWebKey key) {
    var kid = key.getKeyId();
    return new StoredKey(
        kid,
        key.toJson(OutputControlLevel.PUBLIC_ONLY),
        Buffer.buffer(encryption.seal(kid, key.toJson(OutputControlLevel.INCLUDE_PRIVATE))),
        clock.instant());
  }

  private EllipticCurveJsonWebKey generate() {
    try {
      var key = EcJwkGenerator.generateJwk(EllipticCurves.P256, null, random);
      key.setKeyId(Secrets.random(random).substring(0, 16));
      key.setAlgorithm("ES256");
      key.setUse("sig");
      return key;
    } catch (JoseException e) {
      throw new IllegalStateException("every JDK has P-256", e);
    }
  }

  private Map<String, TokenKey> read(List<StoredKey> stored) {
    var read = new LinkedHashMap<String, TokenKey>();
    for (var key : stored) {
      var json = encryption.open(key.kid(), key.sealed().getBytes());
      try {
        var pair = (EllipticCurveJsonWebKey) PublicJsonWebKey.Factory.newPublicJwk(json);
        read.put(
            key.kid(),
            new TokenKey(
                key.kid(),
                pair.getPublicKey(),
                pair.getPrivateKey(),
                key.publicJwk(),
                key.signsFrom()));
      } catch (JoseException e) {
        throw new IllegalStateException("signing key " + key.kid() + " is not a key", e);
      }
    }
    return read;
  }

  /**
   * The key that signs: the newest that may, or the first where none may yet, by a clock that is
   * behind. Empty until the keys are loaded.
   */
  Optional<TokenKey> signing() {
    var now = clock.instant();
    Optional<TokenKey> signing = Optional.empty();
    for (var key : keys.values()) {
      if (signing.isEmpty() || !key.signsFrom().isAfter(now)) {
        signing = Optional.of(key);
      }
    }
    return signing;
  }

  /** The key of this id, from memory. */
  Optional<TokenKey> find(String kid) {
    return Optional.ofNullable(keys.get(kid));
  }

  /** Looks for a key that another worker may have made, unless somebody just did. */
  Future<Void> lookAgain() {
    long now = System.nanoTime();
    long last = lookedAt.get();
    return now - last >= LOOK_AGAIN_NANOS && lookedAt.compareAndSet(last, now)
        ? load()
        : Future.succeededFuture();
  }

  /** RFC 7517: the public halves, newest first. */
  String jwks() {
    List<TokenKey> newestFirst = new ArrayList<>(keys.values()).reversed();
    return newestFirst.stream()
        .map(TokenKey::publicJwk)
        .collect(Collectors.joining(",", "{\"keys\":[", "]}"));
  }
}
