package dev.sallyport.user.auth;

import dev.sallyport.model.Migrations;
import dev.sallyport.user.platform.Schema;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Makes accounts usable beside the start, never before it: tables, then keys, then revocations,
 * then the bootstrap accounts. While Postgres is away it tries again, and requests that need an
 * account are told so; the rest is served.
 */
@ApplicationScoped
class AuthStartup {
  private static final Logger LOG = Logger.getLogger(AuthStartup.class);
  private static final Duration TRY_AGAIN = Duration.ofSeconds(1);
  private static final Duration CLEAN_EVERY = Duration.ofMinutes(10);
  private static final Migrations MIGRATIONS =
      Migrations.load("account", AuthStartup.class, "/db/user", "V1__accounts.sql");

  private final Vertx vertx;
  private final AuthSql sql;
  private final Schema schema;
  private final TokenKeys keys;
  private final Revocations revocations;
  private final Bootstrap bootstrap;
  private volatile boolean stopped;
  private String lastFailure = "";

  @Inject
  AuthStartup(
      Vertx vertx,
      AuthSql sql,
      Schema schema,
      TokenKeys keys,
      Revocations revocations,
      Bootstrap bootstrap) {
    this.vertx = vertx;
    this.sql = sql;
    this.schema = schema;
    this.keys = keys;
    this.revocations = revocations;
    this.bootstrap = bootstrap;
  }

  void start(@Observes StartupEvent start) {
    vertx.runOnContext(now -> attempt());
  }

  void stop(@Observes ShutdownEvent stop) {
    stopped = true;
  }

  private void attempt() {
    if (stopped) {
      return;
    }
    schema
        .ready(MIGRATIONS)
        .compose(migrated -> keys.load())
        .compose(loaded -> revocations.read())
        .compose(read -> bootstrap.run())
        .onSuccess(done -> begin())
        .onFailure(this::again);
  }

  private void begin() {
    revocations.start();
    vertx.setPeriodic(CLEAN_EVERY.toMillis(), tick -> clean());
  }

  private void again(Throwable failure) {
    var reason = String.valueOf(failure.getMessage());
    if (!reason.equals(lastFailure)) {
      lastFailure = reason;
      LOG.warnf("accounts cannot be used yet: %s", reason);
    }
    vertx.setTimer(TRY_AGAIN.toMillis(), tick -> attempt());
  }

  private void clean() {
    sql.forget().onFailure(failure -> LOG.warnf("old sessions were not removed: %s", failure));
  }
}
