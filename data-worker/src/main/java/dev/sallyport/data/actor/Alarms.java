package dev.sallyport.data.actor;

import dev.sallyport.data.lease.WorkerLease;
import dev.sallyport.data.platform.StatementRefused;
import dev.sallyport.data.platform.StoreFailure;
import dev.sallyport.data.platform.Ticker;
import dev.sallyport.model.News;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/**
 * Rings alarms that are due, and keeps the house meanwhile. One thread, which looks every half
 * second, or as soon as the next alarm is due.
 */
@Singleton
class Alarms {
  private static final Logger LOG = Logger.getLogger(Alarms.class);
  private static final Duration LOOK_EVERY = Duration.ofMillis(500);
  private static final Duration LOOK_MIN = Duration.ofMillis(20);
  private static final Duration LOOK_AROUND_EVERY = Duration.ofSeconds(1);
  private static final Duration FORGET_EVERY = Duration.ofMinutes(1);

  private record Name(Address address, String alarm) {}

  private final ActorRegistry registry;
  private final AlarmSql sql;
  private final KeepSql keep;
  private final Directory directory;
  private final WorkerLease lease;
  private final Ticker ticker;
  private final News news;
  private final Set<Name> ringing = ConcurrentHashMap.newKeySet();

  @Inject
  Alarms(
      ActorRegistry registry,
      AlarmSql sql,
      KeepSql keep,
      Directory directory,
      WorkerLease lease,
      Ticker ticker) {
    this.registry = registry;
    this.sql = sql;
    this.keep = keep;
    this.directory = directory;
    this.lease = lease;
    this.ticker = ticker;
    this.news = new News(ticker::nanos);
  }

  /** The thread: until it is interrupted. */
  void run() {
    long lookedAround = ticker.nanos() - LOOK_AROUND_EVERY.toNanos();
    long forgot = ticker.nanos() - FORGET_EVERY.toNanos();
    while (!Thread.currentThread().isInterrupted()) {
      var pause = LOOK_EVERY;
      try {
        if (ticker.nanos() - lookedAround >= LOOK_AROUND_EVERY.toNanos()) {
          lookedAround = ticker.nanos();
          directory.lookAround();
          directory.sweep();
        }
        if (ticker.nanos() - forgot >= FORGET_EVERY.toNanos()) {
          forgot = ticker.nanos();
          keep.forgetReplies();
        }
        pause = ring();
        news.over();
      } catch (StoreFailure | StatementRefused e) {
        if (news.is("away")) {
          LOG.warnf("alarms of actors wait: %s", e.getMessage());
        }
      }
      LockSupport.parkNanos(this, pause.toNanos());
    }
  }

  /** Rings what is due; gives the time until the next look. */
  private Duration ring() {
    var incarnation = lease.incarnation();
    if (incarnation.isEmpty()) {
      return LOOK_EVERY;
    }
    for (var due : sql.due(registry.types(), incarnation.getAsLong())) {
      registry.find(due.address().type()).ifPresent(behaviour -> ring(behaviour, due));
    }
    var next = sql.next().filter(time -> time.compareTo(LOOK_EVERY) < 0).orElse(LOOK_EVERY);
    return next.compareTo(LOOK_MIN) < 0 ? LOOK_MIN : next;
  }

  private <S> void ring(Behaviour<S> behaviour, AlarmSql.Due due) {
    var alarm = behaviour.alarms().get(due.name());
    var name = new Name(due.address(), due.name());
    // One that this release does not know waits for one that does.
    if (alarm != null && ringing.add(name)) {
      directory.deliver(
          due.address(), behaviour, new Ask.Ring<>(alarm, () -> ringing.remove(name)), true);
    }
  }
}
