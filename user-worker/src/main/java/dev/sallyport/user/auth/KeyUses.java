package dev.sallyport.user.auth;

import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * When keys were last used, written down beside the requests: all that were used within a few
 * seconds in one statement. A key that is remembered is not asked for, so each is noted about once
 * a minute. What cannot be written is forgotten: nobody waits for it. Thread-safe.
 */
@ApplicationScoped
class KeyUses {
  private static final Logger LOG = Logger.getLogger(KeyUses.class);
  private static final Duration WRITE_EVERY = Duration.ofSeconds(2);

  /** More in two seconds are not noted; they will be at their next look-up. */
  static final int NOTED_MAX = 10_000;

  private final ApiKeySql sql;
  private final Vertx vertx;
  private final Set<UUID> noted = ConcurrentHashMap.newKeySet();

  @Inject
  KeyUses(ApiKeySql sql, Vertx vertx) {
    this.sql = sql;
    this.vertx = vertx;
  }

  void start(@Observes StartupEvent start) {
    vertx.setPeriodic(WRITE_EVERY.toMillis(), tick -> write());
  }

  /** Notes that a key was used now. */
  void note(UUID key) {
    if (noted.size() < NOTED_MAX) {
      noted.add(key);
    }
  }

  private void write() {
    var keys = List.copyOf(noted);
    if (!keys.isEmpty()) {
      keys.forEach(noted::remove);
      sql.used(keys).onFailure(failure -> LOG.debugf("uses of keys were lost: %s", failure));
    }
  }
}
