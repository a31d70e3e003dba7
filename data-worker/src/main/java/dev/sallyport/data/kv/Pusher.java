package dev.sallyport.data.kv;

import dev.sallyport.data.platform.Notifications;
import dev.sallyport.data.platform.RedisAway;
import dev.sallyport.data.platform.Schema;
import dev.sallyport.data.platform.StatementRefused;
import dev.sallyport.data.platform.StoreFailure;
import dev.sallyport.data.platform.Ticker;
import dev.sallyport.model.News;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Brings committed changes to Redis: when Postgres says that there are some, and looks every {@link
 * #EVERY} all the same. Each worker does; what two push at once, the script makes one. A row is
 * marked as pushed only after Redis has it, so a worker that dies in between leaves it to the
 * others. One virtual thread.
 */
@Singleton
class Pusher {
  static final Duration EVERY = Duration.ofSeconds(1);
  static final int BATCH_MAX = 200;

  /** What was read longer ago is read again: this worker may have been stopped. */
  private static final Duration BELIEVED_FOR = Duration.ofSeconds(10);

  private static final int ROUNDS_PER_FORGETTING = 600;

  private static final Logger LOG = Logger.getLogger(Pusher.class);

  private final KvSql sql;
  private final KvScript script;
  private final Notifications notifications;
  private final Schema schema;
  private final Ticker ticker;
  private final News news;
  private final Counter pushed;
  private final Semaphore bell = new Semaphore(0);
  private final Thread thread = Thread.ofVirtual().name("kv-pusher").unstarted(this::run);
  private volatile int behind;

  @Inject
  Pusher(
      KvSql sql,
      KvScript script,
      Notifications notifications,
      Schema schema,
      Ticker ticker,
      MeterRegistry metrics) {
    this.sql = sql;
    this.script = script;
    this.notifications = notifications;
    this.schema = schema;
    this.ticker = ticker;
    this.news = new News(ticker::nanos);
    this.pushed =
        Counter.builder("sallyport_kv_pushed")
            .description("Changes of shared values that this worker brought to Redis")
            .register(metrics);
    Gauge.builder("sallyport_kv_behind", () -> behind)
        .description("Changes that Redis does not have, as last seen, counted up to a batch")
        .register(metrics);
  }

  void start(@Observes StartupEvent start) {
    notifications.on(KvSql.CHANNEL, said -> bell.release());
    schema.usable().onSuccess(usable -> thread.start());
  }

  void stop(@Observes ShutdownEvent stop) {
    thread.interrupt();
  }

  private void run() {
    try {
      for (int round = 0; ; round++) {
        var _ = bell.tryAcquire(EVERY.toMillis(), TimeUnit.MILLISECONDS);
        bell.drainPermits();
        round(round % ROUNDS_PER_FORGETTING == 0);
      }
    } catch (InterruptedException stopped) {
      LOG.debug("pushes no more");
    }
  }

  private void round(boolean forget) throws InterruptedException {
    try {
      while (push() == BATCH_MAX) {
        LOG.debug("more shared values to push");
      }
      if (forget) {
        sql.forget();
      }
      news.over();
    } catch (StoreFailure | StatementRefused | RedisAway e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (news.is(String.valueOf(e.getMessage()))) {
        LOG.warnf("shared values do not reach Redis: %s", e.getMessage());
      }
    }
  }

  /** Pushes one batch; says how many. */
  private int push() throws RedisAway {
    long read = ticker.nanos();
    var changes = sql.toPush(BATCH_MAX);
    behind = changes.size();
    var done = new ArrayList<KvSql.Change>();
    try {
      for (var change : changes) {
        if (ticker.nanos() - read > BELIEVED_FOR.toNanos()) {
          break;
        }
        script.push(change.space(), change.key(), change.shared());
        done.add(change);
      }
    } finally {
      if (!done.isEmpty()) {
        sql.pushed(done);
        pushed.increment(done.size());
        behind = changes.size() - done.size();
      }
    }
    return done.size();
  }
}
