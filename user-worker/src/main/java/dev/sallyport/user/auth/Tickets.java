package dev.sallyport.user.auth;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import dev.sallyport.user.platform.Database;
import dev.sallyport.user.platform.ProblemException;
import io.vertx.core.Future;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Tickets: what opens one WebSocket, once, within half a minute, in the name of the session or API
 * key that made it, and within its scopes. For pages, which can send no header with an upgrade and
 * may not have our cookie. A ticket travels in a URL, which others write down: hence once, and
 * hence so short. Thread-safe.
 */
@ApplicationScoped
class Tickets {
  static final Duration LIFETIME = Duration.ofSeconds(30);

  /** Far more than a page opens at once, reconnecting included. */
  static final int LIVE_MAX = 100;

  /** As {@link Secrets#random} makes them. Anything else asks nobody. */
  private static final Pattern WELL_FORMED = Pattern.compile("[A-Za-z0-9_-]{43}");

  private static final Future<Optional<Principal>> NONE = Future.succeededFuture(Optional.empty());

  private final TicketSql sql;
  private final Revocations revocations;
  private final Database database;
  private final SecureRandom random;

  @Inject
  Tickets(TicketSql sql, Revocations revocations, Database database, SecureRandom random) {
    this.sql = sql;
    this.revocations = revocations;
    this.database = database;
    this.random = random;
  }

  /**
   * Makes a ticket for a caller. Blocks: for virtual threads.
   *
   * @throws ProblemException {@code UNAUTHENTICATED} where the session has ended, {@code
   *     TOO_MANY_REQUESTS} where it has {@value #LIVE_MAX} unused ones, {@code STORE_DOWN}
   */
  String make(Principal caller) {
    var ticket = Secrets.random(random);
    var maker = UUID.fromString(caller.sessionId());
    var added = sql.add(Secrets.sha256(ticket), maker, LIFETIME, LIVE_MAX);
    return switch (database.await(added.toCompletionStage())) {
      case ADDED -> ticket;
      case TOO_MANY ->
          throw new ProblemException(
              Problem.retryable(
                  ProblemType.TOO_MANY_REQUESTS,
                  "This credential has too many tickets that were not used.",
                  LIFETIME));
      case NO_MAKER ->
          throw new ProblemException(ProblemType.UNAUTHENTICATED, "The credential has ended.");
    };
  }

  /**
   * Uses a ticket up. On event loops.
   *
   * @return its maker, or nobody where it was never made, is used, or has expired; fails with
   *     {@code STORE_DOWN} where Postgres does not say, and then the ticket may be used up
   */
  Future<Optional<Principal>> redeem(String ticket) {
    if (!WELL_FORMED.matcher(ticket).matches()) {
      return NONE;
    }
    long asOf = revocations.lastNumber();
    return database.ask(() -> sql.take(Secrets.sha256(ticket), asOf));
  }
}
