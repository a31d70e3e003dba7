package dev.sallyport.data.actor;

import dev.sallyport.data.actor.PlaceSql.GivenBack;
import dev.sallyport.data.actor.PlaceSql.Placed;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.data.lease.WorkerLease;
import dev.sallyport.data.platform.Doorbell;
import dev.sallyport.data.platform.StatementRefused;
import dev.sallyport.data.platform.StoreFailure;
import dev.sallyport.data.platform.Ticker;
import dev.sallyport.model.News;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Carries calls that came as rows to the actors of this worker, and gives rows that nobody has to
 * whoever should have them. One virtual thread, which is rung when a row was left; looks for itself
 * every half second.
 *
 * <p>What it knows of places is only as good as a guess: a row is served by whoever holds the
 * actor, who looks first whether it is still there, and removes it in the commit of what it did.
 */
@Singleton
class Carrier {
  private static final Logger LOG = Logger.getLogger(Carrier.class);
  private static final Duration LOOK_EVERY = Duration.ofMillis(500);
  private static final Duration ORPHANS_EVERY = Duration.ofSeconds(1);
  private static final Duration FORGET_EVERY = Duration.ofMinutes(1);

  /** Until a row is looked at again whose actor could not be reached. */
  private static final Duration PAUSE = Duration.ofMillis(100);

  /** The same where too much waits already. */
  private static final Duration PAUSE_TOO_MUCH = Duration.ofSeconds(1);

  /** The same for one that this release does not know; doubles each time, up to a minute. */
  private static final Duration PAUSE_UNKNOWN = Duration.ofSeconds(1);

  private static final int PLACE_MAX = 500;
  private static final int ACTORS_MAX = 256;
  private static final int ROWS_MAX = 1_000;
  private static final int LEAVE_ROUNDS = 20;

  /** Before all actors: types have a letter at least. */
  private static final Address START = new Address("", "");

  private final ActorRegistry registry;
  private final PlaceSql sql;
  private final MessageSql messages;
  private final AnswerSql answers;
  private final Directory directory;
  private final WorkerLease lease;
  private final Ticker ticker;
  private final News news;
  private final Doorbell bell = new Doorbell();
  private final InHand hand = new InHand(bell::ring);

  /** What mailboxes did not serve. Bounded by what is in hand. */
  private final ConcurrentLinkedQueue<Refused> refused = new ConcurrentLinkedQueue<>();

  private volatile long dead;

  /** Where the next look begins. Confined to the thread, as those below. */
  private Address after = START;

  private long soughtOrphans;
  private long forgot;

  /** One that was not served, and what is in hand for it until it is given back. */
  private record Refused(Placed message, GivenBack back) {}

  @Inject
  Carrier(
      ActorRegistry registry,
      PlaceSql sql,
      MessageSql messages,
      AnswerSql answers,
      Directory directory,
      WorkerLease lease,
      Ticker ticker,
      MeterRegistry metrics) {
    this.registry = registry;
    this.sql = sql;
    this.messages = messages;
    this.answers = answers;
    this.directory = directory;
    this.lease = lease;
    this.ticker = ticker;
    this.news = new News(ticker::nanos);
    Gauge.builder("sallyport_actor_waiting_messages", hand, InHand::size)
        .description("Calls that came as rows and wait for their actors in this worker")
        .register(metrics);
    Gauge.builder("sallyport_actor_dead_messages", this, carrier -> carrier.dead)
        .description("Messages to actors that were given up, in the whole cluster, up to 10000")
        .register(metrics);
  }

  /** On an event loop: a row was left for somebody. */
  void heard(String worker) {
    boolean isForUs =
        worker.isEmpty()
            || worker.equals(MessageSql.ANYBODY)
            || worker.equals(Long.toString(lease.incarnation().orElse(0)));
    if (isForUs) {
      bell.ring();
    }
  }

  /** The thread: until it is interrupted. */
  void run() {
    soughtOrphans = ticker.nanos();
    forgot = ticker.nanos() - FORGET_EVERY.toNanos();
    try {
      while (true) {
        round();
        bell.await(LOOK_EVERY);
      }
    } catch (InterruptedException stopped) {
      LOG.debug("carries nothing any more");
    }
  }

  private void round() throws InterruptedException {
    try {
      giveBack();
      if (ticker.nanos() - soughtOrphans >= ORPHANS_EVERY.toNanos()) {
        soughtOrphans = ticker.nanos();
        while (sql.orphans(ROWS_MAX) >= ROWS_MAX) {
          LOG.trace("there may be more");
        }
      }
      if (ticker.nanos() - forgot >= FORGET_EVERY.toNanos()) {
        forgot = ticker.nanos();
        answers.forget();
        messages.forget();
        dead = messages.dead();
      }
      place();
      var incarnation = lease.incarnation();
      if (incarnation.isPresent()) {
        deliver(incarnation.getAsLong());
      }
      news.over();
    } catch (StoreFailure | StatementRefused e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (news.is("away")) {
        LOG.warnf("calls between workers wait: %s", e.getMessage());
      }
    } catch (RuntimeException e) {
      // Nobody expected it: the next round may do better, and no round at all is worse.
      LOG.error("calls between workers wait", e);
    }
  }

  private void giveBack() {
    var some = new ArrayList<Refused>();
    for (var one = refused.poll(); one != null; one = refused.poll()) {
      some.add(one);
    }
    if (some.isEmpty()) {
      return;
    }
    try {
      sql.giveBack(some.stream().map(Refused::back).toList());
    } finally {
      // Where that failed they are still this worker's, and are found again.
      some.forEach(one -> hand.release(one.message()));
    }
    bell.ringIn(PAUSE);
  }

  /** Gives each row without a place to whoever has its actor, or should have it. */
  private void place() {
    int found;
    do {
      var workerOf = new LinkedHashMap<Long, Long>();
      var unplaced = sql.unplaced(registry.types(), PLACE_MAX);
      found = unplaced.size();
      for (var one : unplaced) {
        var worker = one.owner();
        if (worker == null) {
          // Who was picked before could not serve it: then whoever knows it.
          var pick = one.returned() > 0 ? lease.incarnation() : directory.pick(one.address());
          worker = pick.isPresent() ? pick.getAsLong() : null;
        }
        if (worker != null) {
          workerOf.put(one.pk(), worker);
        }
      }
      if (workerOf.isEmpty()) {
        return;
      }
      sql.place(workerOf);
    } while (found >= PLACE_MAX);
  }

  /** Hands rows to their actors, until there are no more or enough are in hand. */
  private void deliver(long incarnation) {
    boolean isFromStart = after.equals(START);
    while (!hand.isFull()) {
      var some = sql.placed(incarnation, after, hand.busy(), ACTORS_MAX, InHand.BUSY, ROWS_MAX);
      some.messages().forEach(message -> deliver(message, incarnation));
      if (some.last() == null) {
        after = START;
        if (!isFromStart) {
          bell.ring();
        }
        return;
      }
      after = some.last();
    }
  }

  private void deliver(Placed message, long incarnation) {
    if (!hand.take(message)) {
      return;
    }
    var behaviour = registry.find(message.address().type());
    if (behaviour.isEmpty() || !deliver(message, incarnation, behaviour.get())) {
      refuse(message, incarnation, PAUSE_UNKNOWN, true);
    }
  }

  /** Gives whether there is such a method. */
  private <S> boolean deliver(Placed message, long incarnation, Behaviour<S> behaviour) {
    var method = behaviour.methods().get(message.method());
    if (method == null) {
      return false;
    }
    directory.deliver(
        message.address(),
        behaviour,
        new Ask.Mail<>(method, message.pk(), failure -> seen(message, incarnation, failure)),
        true);
    return true;
  }

  private void seen(Placed message, long incarnation, @Nullable RuntimeException failure) {
    if (failure == null) {
      hand.release(message);
    } else {
      boolean isTooMuch = failure instanceof Refusal refusal && ActorError.isTooMuch(refusal);
      refuse(message, incarnation, isTooMuch ? PAUSE_TOO_MUCH : PAUSE, false);
    }
  }

  /** Bounded by what is in hand: it stays there until it is given back. */
  private void refuse(Placed message, long incarnation, Duration pause, boolean unknown) {
    refused.add(new Refused(message, new GivenBack(message.pk(), incarnation, pause, unknown)));
    bell.ring();
  }

  /** Has others look at what was left for this worker, at once. Blocks. */
  void leave() {
    var incarnation = lease.incarnation();
    if (incarnation.isPresent()) {
      for (int i = 0; i < LEAVE_ROUNDS && sql.leave(incarnation.getAsLong()) > 0; i++) {
        LOG.trace("there may be more");
      }
    }
  }
}
