package dev.sallyport.user.auth;

import dev.sallyport.model.Migrations;
import dev.sallyport.model.News;
import dev.sallyport.model.StoreTrouble;
import dev.sallyport.user.platform.Database;
import dev.sallyport.user.platform.Schema;
import dev.sallyport.user.platform.Ticker;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Makes accounts usable beside the start, never before it: tables, then keys, then revocations,
 * then the bootstrap accounts. While Postgres is away it tries again, and requests that need an
 * account are told so; the rest is served. A key-encryption key that can be none ends the start.
 */
@ApplicationScoped
class AuthStartup {
  private static final Logger LOG = Logger.getLogger(AuthStartup.class);
  private static final Duration TRY_AGAIN = Duration.ofSeconds(1);
  private static final Duration CLEAN_EVERY = Duration.ofMinutes(10);
  private static final int ANSWER_SECONDS = 5;
  private static final Migrations MIGRATIONS =
      Migrations.load(
          "account",
          AuthStartup.class,
          "/db/user",
          "V1__accounts.sql",
          "V2__tickets.sql",
          "V3__waitlist.sql",
          "V4__credentials.sql",
          "V5__guesses.sql");

  private final Vertx vertx;
  private final AuthSql sql;
  private final TicketSql tickets;
  private final GuessSql guesses;
  private final Schema schema;
  private final TokenKeys keys;
  private final Revocations revocations;
  private final Bootstrap bootstrap;
  private final News news;
  private volatile boolean stopped;
  private volatile @Nullable String trouble = "Postgres has not answered yet";

  @Inject
  AuthStartup(
      Vertx vertx,
      AuthSql sql,
      TicketSql tickets,
      GuessSql guesses,
      Schema schema,
      TokenKeys keys,
      Revocations revocations,
      Bootstrap bootstrap,
      Ticker ticker,
      AuthSettings settings,
      MeterRegistry metrics) {
    requireKey(settings);
    this.news = new News(ticker::nanos);
    this.vertx = vertx;
    this.sql = sql;
    this.tickets = tickets;
    this.guesses = guesses;
    this.schema = schema;
    this.keys = keys;
    this.revocations = revocations;
    this.bootstrap = bootstrap;
    Gauge.builder("sallyport_auth_usable", this, startup -> startup.trouble().isEmpty() ? 1 : 0)
        .description("1 once accounts could be used, which needs Postgres, its tables and keys")
        .register(metrics);
  }

  private static void requireKey(AuthSettings settings) {
    try {
      KeyEncryption.key(settings.keyEncryptionKey().orElse(""));
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(e.getMessage());
    }
  }

  /** Why accounts have never been usable so far; empty once they have. */
  Optional<String> trouble() {
    return Optional.ofNullable(trouble);
  }

  void start(@Observes StartupEvent start) {
    // On this thread: an address of Postgres that is none ends the start here.
    attempt();
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
        .compose(migrated -> keys.load().timeout(ANSWER_SECONDS, TimeUnit.SECONDS))
        .compose(loaded -> revocations.read())
        .compose(read -> bootstrap.run())
        .onSuccess(done -> begin())
        .onFailure(this::again);
  }

  private void begin() {
    trouble = null;
    if (news.over()) {
      LOG.info("accounts can be used");
    }
    revocations.start();
    keys.start(vertx);
    vertx.setPeriodic(CLEAN_EVERY.toMillis(), tick -> clean());
  }

  private void again(Throwable failure) {
    if (StoreTrouble.isOurStop(failure)) {
      return;
    }
    var why =
        failure instanceof IllegalStateException own && own.getMessage() != null
            ? own.getMessage()
            : Database.trouble(failure);
    trouble = why;
    if (news.is(why)) {
      LOG.warnf("not ready, accounts cannot be used: %s", why);
    }
    vertx.setTimer(TRY_AGAIN.toMillis(), tick -> attempt());
  }

  private void clean() {
    sql.forget().onFailure(failure -> LOG.warnf("old sessions were not removed: %s", failure));
    tickets.forget().onFailure(failure -> LOG.warnf("old tickets were not removed: %s", failure));
    guesses.forget().onFailure(failure -> LOG.warnf("old guesses were not removed: %s", failure));
  }
}
