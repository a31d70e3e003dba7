package dev.sallyport.user.auth;

import dev.sallyport.model.ProblemType;
import dev.sallyport.model.UuidV7;
import dev.sallyport.user.platform.Database;
import dev.sallyport.user.platform.ProblemException;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.persistence.LockModeType;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.exception.ConstraintViolationException;
import org.jspecify.annotations.Nullable;

/** Accounts and sessions as rows. Each method is one transaction; for virtual threads. */
@ApplicationScoped
class AccountStore {
  private static final String UNIQUE_VIOLATION = "23505";

  private final Database database;
  private final UuidV7 ids;
  private final AuthSettings settings;
  private final InstantSource clock;

  @Inject
  AccountStore(Database database, UuidV7 ids, AuthSettings settings, InstantSource clock) {
    this.database = database;
    this.ids = ids;
    this.settings = settings;
    this.clock = clock;
  }

  /**
   * @throws ProblemException {@code EMAIL_TAKEN}
   */
  Account create(String email, String passwordHash, @Nullable String displayName, String roles) {
    var account = new Account();
    account.id = ids.next();
    account.email = email;
    account.passwordHash = passwordHash;
    account.displayName = displayName;
    account.roles = roles;
    return database.inTransaction(() ->
        account
            .<Account>persistAndFlush()
            .onFailure(AccountStore::isTaken)
            .transform(taken ->
                new ProblemException(ProblemType.EMAIL_TAKEN, "Sign in, or use another address.")));
  }

  private static boolean isTaken(Throwable failure) {
    return failure instanceof ConstraintViolationException violation
        && UNIQUE_VIOLATION.equals(violation.getSQLState());
  }

  Optional<Account> byEmail(String email) {
    return database.inTransaction(
        () -> Account.<Account>find("email", email).firstResult().map(Optional::ofNullable));
  }

  Optional<Account> byId(UUID id) {
    return database.inTransaction(() -> Account.<Account>findById(id).map(Optional::ofNullable));
  }

  /** Makes an account what the bootstrap says it is. */
  void reset(UUID id, String passwordHash, String roles) {
    database.inTransaction(() ->
        Account.update(
            "passwordHash = ?1, roles = ?2, disabled = false where id = ?3",
            passwordHash,
            roles,
            id));
  }

  /** A new session, and the account as it is at its beginning. */
  record Begun(Account account, UUID sessionId) {}

  /**
   * Begins a session with its first refresh token. Whoever changes the account at this moment
   * either comes first, and is heeded, or finds the session and ends it.
   *
   * @return nothing where the account has been disabled or removed
   */
  Optional<Begun> begin(UUID accountId, byte[] cookieHash, byte[] refreshHash) {
    return database.inTransaction(() ->
        Account.<Account>findById(accountId, LockModeType.PESSIMISTIC_READ)
            .flatMap(account ->
                account == null || account.disabled
                    ? Uni.createFrom().item(Optional.<Begun>empty())
                    : begin(account, cookieHash, refreshHash).map(Optional::of)));
  }

  private Uni<Begun> begin(Account account, byte[] cookieHash, byte[] refreshHash) {
    var session = new Session();
    session.id = ids.next();
    session.accountId = account.id;
    session.cookieHash = cookieHash;
    session.expiresAt =
        clock.instant().plus(settings.sessionLifetime()).truncatedTo(ChronoUnit.MICROS);
    return session
        .<Session>persistAndFlush()
        .call(() -> token(session.id, refreshHash).persistAndFlush())
        .map(kept -> new Begun(account, session.id));
  }

  private static RefreshToken token(UUID sessionId, byte[] hash) {
    var token = new RefreshToken();
    token.hash = hash;
    token.sessionId = sessionId;
    return token;
  }

  /** What came of showing a refresh token. */
  sealed interface Rotation {
    /** It was good, and has been replaced. */
    record Rotated(Account account, UUID sessionId) implements Rotation {}

    /** It had been used before: somebody has a copy. */
    record Reused(UUID sessionId) implements Rotation {}

    /** Unknown, expired, of an ended session or of a disabled account. */
    record Refused() implements Rotation {}
  }

  /** Replaces a refresh token; two that show it at once are told apart by its row's lock. */
  Rotation rotate(byte[] hash, byte[] nextHash) {
    return database.inTransaction(() ->
        RefreshToken.<RefreshToken>findById(hash, LockModeType.PESSIMISTIC_WRITE)
            .flatMap(token -> token == null ? refused() : rotate(token, nextHash)));
  }

  private Uni<Rotation> rotate(RefreshToken token, byte[] nextHash) {
    if (token.usedAt != null) {
      return Uni.createFrom().item(new Rotation.Reused(token.sessionId));
    }
    return Session.<Session>findById(token.sessionId)
        .flatMap(session ->
            session.endedAt != null || session.expiresAt.isBefore(clock.instant())
                ? refused()
                : Account.<Account>findById(session.accountId)
                    .flatMap(account -> rotate(token, session, account, nextHash)));
  }

  private Uni<Rotation> rotate(
      RefreshToken token, Session session, Account account, byte[] nextHash) {
    if (account.disabled) {
      return refused();
    }
    token.usedAt = clock.instant();
    return token(session.id, nextHash)
        .persist()
        .flatMap(saved -> Panache.flush())
        .map(flushed -> new Rotation.Rotated(account, session.id));
  }

  private static Uni<Rotation> refused() {
    return Uni.createFrom().item(new Rotation.Refused());
  }
}
