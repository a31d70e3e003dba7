package dev.sallyport.user.route;

import dev.sallyport.user.platform.Database;
import dev.sallyport.user.platform.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/** Who waits. Thread-safe, does not block. */
@ApplicationScoped
class WaitlistSql {
  /** One row for an address, however often it comes and however many come at once. */
  static final String ADD =
      "INSERT INTO account.waitlist (email) VALUES ($1) ON CONFLICT (email) DO NOTHING";

  private final Database database;
  private final Pool pool;

  @Inject
  WaitlistSql(Database database, Pool pool) {
    this.database = database;
    this.pool = pool;
  }

  /**
   * Keeps an address. Fails within two seconds where Postgres gives no answer.
   *
   * @param email as {@link dev.sallyport.user.platform.EmailAddress} keeps it
   */
  Future<Void> add(String email) {
    return database.ask(() -> Postgres.execute(pool, ADD, Tuple.of(email)).mapEmpty());
  }
}
