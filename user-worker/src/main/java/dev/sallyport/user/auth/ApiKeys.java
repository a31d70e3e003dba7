package dev.sallyport.user.auth;

import dev.sallyport.model.ProblemType;
import dev.sallyport.model.UuidV7;
import dev.sallyport.user.auth.ApiKeySql.NewApiKey;
import dev.sallyport.user.auth.ApiKeySql.StoredApiKey;
import dev.sallyport.user.platform.Database;
import dev.sallyport.user.platform.ProblemException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Keys with which programs act for an account, within scopes. Thread-safe. */
@ApplicationScoped
class ApiKeys {
  /** A key for each program of a person, and one more for each while they are exchanged. */
  static final int PER_ACCOUNT_MAX = 100;

  private static final String PREFIX = "sp_";

  /** As {@link #make} makes them. Anything else asks nobody. */
  private static final Pattern WELL_FORMED = Pattern.compile(PREFIX + "[A-Za-z0-9_-]{43}");

  private static final Future<Optional<Principal>> NONE = Future.succeededFuture(Optional.empty());

  private final ApiKeySql sql;
  private final KeyUses uses;
  private final Sessions sessions;
  private final Revocations revocations;
  private final Database database;
  private final UuidV7 ids;
  private final SecureRandom random;

  /** A new key: the only time that it can be read. */
  record Made(UUID id, String key, Instant createdAt) {}

  @Inject
  ApiKeys(
      ApiKeySql sql,
      KeyUses uses,
      Sessions sessions,
      Revocations revocations,
      Database database,
      UuidV7 ids,
      SecureRandom random) {
    this.sql = sql;
    this.uses = uses;
    this.sessions = sessions;
    this.revocations = revocations;
    this.database = database;
    this.ids = ids;
    this.random = random;
  }

  /**
   * Makes a key. Blocks: for virtual threads.
   *
   * @throws ProblemException {@code CONFLICT} where the account has {@value #PER_ACCOUNT_MAX},
   *     {@code STORE_DOWN}
   */
  Made make(UUID account, String name, Scopes scopes, @Nullable Instant expiresAt) {
    var key = PREFIX + Secrets.random(random);
    var hash = Buffer.buffer(Secrets.sha256(key));
    var row = new NewApiKey(ids.next(), account, hash, name, scopes, expiresAt);
    return database
        .await(sql.add(row, PER_ACCOUNT_MAX).toCompletionStage())
        .map(createdAt -> new Made(row.id(), key, createdAt))
        .orElseThrow(() ->
            new ProblemException(
                ProblemType.CONFLICT,
                "This account has " + PER_ACCOUNT_MAX + " keys: delete one that is not used."));
  }

  /** An account's keys after this one, oldest first. Blocks: for virtual threads. */
  List<StoredApiKey> page(UUID account, UUID after, int limit) {
    return database.await(sql.page(account, after, limit).toCompletionStage());
  }

  /**
   * Deletes a key; within a second no worker takes it. Blocks: for virtual threads.
   *
   * @throws ProblemException {@code NOT_FOUND} where the account has no such key, {@code
   *     STORE_DOWN}
   */
  void delete(UUID key, UUID account) {
    if (!sessions.revoked(sql.delete(key, account, sessions.remembered()))) {
      throw new ProblemException(ProblemType.NOT_FOUND, "There is no such key.");
    }
  }

  /**
   * Whose key this is, as Postgres says it now; nobody where it is none that counts. On event
   * loops; fails with {@code STORE_DOWN}.
   */
  Future<Optional<Principal>> find(String key) {
    if (!WELL_FORMED.matcher(key).matches()) {
      return NONE;
    }
    long asOf = revocations.lastNumber();
    return database
        .ask(() -> sql.byHash(Secrets.sha256(key), asOf))
        .onSuccess(
            found -> found.ifPresent(caller -> uses.note(UUID.fromString(caller.sessionId()))));
  }
}
