package dev.sallyport.user.auth;

import dev.sallyport.user.auth.AuthSql.StoredKey;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.EllipticCurveJsonWebKey;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.lang.JoseException;

/**
 * The ES256 keys that sign our tokens. They live in Postgres, so a token outlives any worker; the
 * private halves are encrypted there. The newest signs, each verifies. Thread-safe.
 */
@ApplicationScoped
class TokenKeys {
  /** A token with a key we do not know makes us look again, but not more often than this. */
  private static final long LOOK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** One key. */
  record TokenKey(String kid, PublicKey publicKey, PrivateKey privateKey, String publicJwk) {}

  private final AuthSql sql;
  private final KeyEncryption encryption;
  private final SecureRandom random;
  private final AtomicLong lookedAt = new AtomicLong(System.nanoTime() - LOOK_AGAIN_NANOS);
  private volatile Map<String, TokenKey> keys = Map.of();

  @Inject
  TokenKeys(AuthSql sql, AuthSettings settings, SecureRandom random) {
    this.sql = sql;
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
          keys = read(stored);
          return null;
        });
  }

  private StoredKey seal(EllipticCurveJsonWebKey key) {
    var kid = key.getKeyId();
    return new StoredKey(
        kid,
        key.toJson(OutputControlLevel.PUBLIC_ONLY),
        Buffer.buffer(encryption.seal(kid, key.toJson(OutputControlLevel.INCLUDE_PRIVATE))));
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
            new TokenKey(key.kid(), pair.getPublicKey(), pair.getPrivateKey(), key.publicJwk()));
      } catch (JoseException e) {
        throw new IllegalStateException("signing key " + key.kid() + " is not a key", e);
      }
    }
    return read;
  }

  /** The key that signs; empty until the keys are loaded. */
  Optional<TokenKey> signing() {
    var all = new ArrayList<>(keys.values());
    return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
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
