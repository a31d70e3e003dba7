package dev.sallyport.data.platform;

import dev.sallyport.model.News;
import dev.sallyport.model.StoreTrouble;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.SqlConnection;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What other connections {@code NOTIFY}. Keeps one connection of the pool for itself as long as
 * anything is listened to, and takes another one when that is lost. What was sent in between is
 * lost: a listener is told so and looks for itself. Thread-safe, does not block.
 */
@Singleton
public class Notifications {
  static final Duration PAUSE_MIN = Duration.ofMillis(100);
  static final Duration PAUSE_MAX = Duration.ofSeconds(5);

  /** How often Postgres is asked whether it is still there, and how long it may take to say so. */
  static final Duration PULSE = Duration.ofSeconds(5);

  /** After {@link Schema}: an address that is none ends the start there, and is said once. */
  private static final int LATE = 3_000;

  private static final Logger LOG = Logger.getLogger(Notifications.class);
  private static final Pattern CHANNEL = Pattern.compile("[a-z][a-z0-9_]{0,62}");

  private final Vertx vertx;
  private final Postgres postgres;
  private final News news = new News(System::nanoTime);
  private final Map<String, List<Consumer<String>>> listeners = new ConcurrentHashMap<>();

  /** The one event loop that all below is confined to. */
  private final Context loop;

  private boolean started;
  private boolean stopped;
  private boolean connecting;
  private Duration pause = PAUSE_MIN;
  private @Nullable PgConnection connection;

  @Inject
  Notifications(Vertx vertx, Postgres postgres) {
    this.vertx = vertx;
    this.postgres = postgres;
    this.loop = vertx.getOrCreateContext();
  }

  /**
   * Listens to a channel, from the start of the worker to its end.
   *
   * @param channel lower case letters, digits and underscores
   * @param listener given each payload, and "" whenever some may have been missed, the first time
   *     that it could be listened to included; on an event loop, where it must not block
   */
  public void on(String channel, Consumer<String> listener) {
    if (!CHANNEL.matcher(channel).matches()) {
      throw new IllegalArgumentException("not a plain channel name: " + channel);
    }
    listeners.computeIfAbsent(channel, first -> new CopyOnWriteArrayList<>()).add(listener);
    loop.runOnContext(now -> {
      if (connection == null) {
        connect();
      } else {
        listen(connection, List.of(channel));
      }
    });
  }

  void start(@Observes @Priority(LATE) StartupEvent start) {
    loop.runOnContext(now -> {
      started = true;
      connect();
    });
  }

  void stop(@Observes ShutdownEvent stop) {
    loop.runOnContext(now -> {
      stopped = true;
      if (connection != null) {
        Postgres.sever(connection);
      }
    });
  }

  private void connect() {
    if (!started || stopped || connecting || connection != null || listeners.isEmpty()) {
      return;
    }
    connecting = true;
    postgres
        .connection()
        .onComplete(asked -> {
          connecting = false;
          if (asked.failed()) {
            later(asked.cause());
          } else {
            connected(asked.result());
          }
        });
  }

  private void connected(SqlConnection taken) {
    var mine = PgConnection.cast(taken);
    connection = mine;
    mine.closeHandler(closed -> loop.runOnContext(now -> lost(mine)));
    mine.notificationHandler(said -> tell(said.getChannel(), String.valueOf(said.getPayload())));
    if (stopped) {
      Postgres.sever(mine);
      return;
    }
    listen(mine, List.copyOf(listeners.keySet()));
    vertx.setTimer(PULSE.toMillis(), timer -> pulse(mine));
  }

  private void listen(PgConnection on, List<String> channels) {
    var sql = new StringBuilder();
    channels.forEach(channel -> sql.append("LISTEN ").append(channel).append(';'));
    ask(on, sql.toString())
        .onSuccess(listening -> {
          pause = PAUSE_MIN;
          if (news.over()) {
            LOG.info("notifications of Postgres arrive again");
          }
          channels.forEach(channel -> tell(channel, ""));
        });
  }

  /** A connection may die without a word; then only silence tells. */
  private void pulse(PgConnection mine) {
    if (mine.equals(connection)) {
      ask(mine, "SELECT 1")
          .onSuccess(alive -> vertx.setTimer(PULSE.toMillis(), timer -> pulse(mine)));
    }
  }

  private Future<?> ask(PgConnection mine, String sql) {
    return mine.query(sql)
        .execute()
        .timeout(PULSE.toMillis(), TimeUnit.MILLISECONDS)
        .onFailure(failure -> {
          LOG.debugf("not listening any more: %s", failure.getMessage());
          Postgres.sever(mine);
          // It may have been closed before anyone listened to that.
          lost(mine);
        });
  }

  private void lost(PgConnection mine) {
    if (mine.equals(connection)) {
      connection = null;
      later(null);
    }
  }

  private void later(@Nullable Throwable failure) {
    if (stopped || (failure != null && StoreTrouble.isOurStop(failure))) {
      return;
    }
    var why = failure == null ? "the connection was lost" : Postgres.trouble(failure);
    if (news.is(why)) {
      LOG.warnf("no notifications of Postgres, polling instead: %s", why);
    }
    vertx.setTimer(pause.toMillis(), timer -> connect());
    var doubled = pause.multipliedBy(2);
    pause = doubled.compareTo(PAUSE_MAX) > 0 ? PAUSE_MAX : doubled;
  }

  private void tell(String channel, String payload) {
    for (var listener : listeners.getOrDefault(channel, List.of())) {
      try {
        listener.accept(payload);
      } catch (RuntimeException e) {
        LOG.errorf(e, "a listener to %s failed", channel);
      }
    }
  }
}
