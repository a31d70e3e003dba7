package dev.sallyport.user.auth;

import dev.sallyport.user.platform.Database;
import dev.sallyport.user.platform.ProblemException;
import io.vertx.core.Future;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Consumer;

/** Ending sessions, and hearing that one has ended anywhere. Thread-safe. */
@ApplicationScoped
public class Sessions {
  /** A token may live this much longer by the clock of the worker that signed it. */
  static final Duration CLOCKS_APART = Duration.ofMinutes(5);

  private final Database database;
  private final AuthSql sql;
  private final Tokens tokens;
  private final Revocations revocations;

  @Inject
  Sessions(Database database, AuthSql sql, Tokens tokens, Revocations revocations) {
    this.database = database;
    this.sql = sql;
    this.tokens = tokens;
    this.revocations = revocations;
  }

  /**
   * Tells {@code listener} each session or API key that ends, within a second, on some event loop.
   */
  public void onEnd(Consumer<String> listener) {
    revocations.onRevoked(listener);
  }

  /**
   * Whether this worker knows that a caller's credential has ended. A listener of {@link #onEnd}
   * hears of each one after this has begun to say so.
   */
  public boolean hasEnded(Principal principal) {
    return revocations.isKnown(principal);
  }

  /**
   * Ends a session and with it all its credentials, on every worker: this one knows when the call
   * returns, others hear of it at once or at their next poll. Blocks: for virtual threads.
   *
   * @throws ProblemException {@code STORE_DOWN}
   */
  void end(UUID session) {
    revoked(sql.endSession(session, remembered()));
  }

  /** How long a revocation is needed: as long as a credential may outlive what it came from. */
  Duration remembered() {
    return tokens.lifetime().plus(CLOCKS_APART);
  }

  /**
   * Waits for a change that revokes, and until this worker has heard of it. Blocks: for virtual
   * threads.
   */
  <T> T revoked(Future<T> change) {
    return database.await(
        change.compose(result -> revocations.read().map(read -> result)).toCompletionStage());
  }
}
