package dev.sallyport.data.lease;

import dev.sallyport.data.platform.Schema;
import dev.sallyport.data.platform.StoreFailure;
import dev.sallyport.data.platform.Ticker;
import dev.sallyport.data.platform.WorkerAddress;
import dev.sallyport.data.platform.WorkerId;
import dev.sallyport.model.News;
import dev.sallyport.model.StoreTrouble;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * This worker's right to act on what it has claimed. The lease holds for six seconds by the clock
 * of Postgres, and is renewed every two. This worker counts on it for a second and a half less, on
 * its own monotonic clock, from before it sent the renewal that succeeded: so it stops before
 * anyone else may begin, whatever the two machines' clocks show. A lapse is for good; what comes
 * after it is another incarnation.
 *
 * <p>It begins once the tables can be used, and tries again as long as Postgres is away.
 *
 * <p>Thread-safe. Only {@link #dead} and {@link #end} block. Listeners run on an event loop, one
 * after the other, and must not block.
 */
@Singleton
public class WorkerLease {
  private static final Logger LOG = Logger.getLogger(WorkerLease.class);
  private static final Duration FORGET_AFTER = Duration.ofDays(7);
  private static final Duration FORGET_EVERY = Duration.ofMinutes(1);
  private static final Duration END_WITHIN = Duration.ofSeconds(2);

  /** Whoever hands over when the worker stops does so at a lower priority. */
  private static final int HANDED_OVER = 10;

  /** No incarnation: they count from 1. */
  private static final long NONE = 0;

  /**
   * A lease that was granted.
   *
   * @param until on the monotonic clock; once reached, it has lapsed
   */
  private record Held(long incarnation, long until) {}

  private final Vertx vertx;
  private final LeaseSql sql;
  private final Terms terms;
  private final Ticker ticker;
  private final String name;
  private final Optional<String> address;
  private final Counter lapses;
  private final News news;
  private final List<LongConsumer> onGrant = new CopyOnWriteArrayList<>();
  private final List<LongConsumer> onLapse = new CopyOnWriteArrayList<>();
  private volatile @Nullable Held held;

  /** The one event loop that all below, and every change of {@link #held}, is confined to. */
  private final Context loop;

  private boolean ended;
  private boolean granting;
  private boolean failing;
  private long timer;
  private long sentAt;
  private long forgotAt;

  /** To be ended when the next one is granted. */
  private long before = NONE;

  @Inject
  WorkerLease(
      Vertx vertx,
      LeaseSql sql,
      Ticker ticker,
      WorkerId id,
      WorkerAddress address,
      MeterRegistry metrics) {
    this(vertx, sql, Terms.STANDARD, ticker, id.value(), address.value(), metrics);
  }

  WorkerLease(
      Vertx vertx,
      LeaseSql sql,
      Terms terms,
      Ticker ticker,
      String name,
      Optional<URI> address,
      MeterRegistry metrics) {
    this.vertx = vertx;
    this.sql = sql;
    this.terms = terms;
    this.ticker = ticker;
    this.name = name;
    this.address = address.map(URI::toString);
    this.news = new News(ticker::nanos);
    this.loop = vertx.getOrCreateContext();
    Gauge.builder("sallyport_lease_held", this, WorkerLease::heldNow)
        .description("1 while this worker may act on what it has claimed")
        .register(metrics);
    this.lapses =
        Counter.builder("sallyport_lease_lapses")
            .description("Leases that could not be renewed in time, or were ended by another")
            .register(metrics);
  }

  private static double heldNow(WorkerLease lease) {
    return lease.incarnation().isPresent() ? 1 : 0;
  }

  /** The incarnation that this worker claims under; empty before the first and after a lapse. */
  public OptionalLong incarnation() {
    var now = held;
    return now != null && isHeld(now) ? OptionalLong.of(now.incarnation()) : OptionalLong.empty();
  }

  /**
   * Whether this worker may still act under that incarnation. Reads the clock at every call, so
   * that a process that was stopped for a while is told the truth before any timer has run.
   */
  public boolean isHeld(long incarnation) {
    var now = held;
    return now != null && now.incarnation() == incarnation && isHeld(now);
  }

  private boolean isHeld(Held lease) {
    return ticker.nanos() - lease.until() < 0;
  }

  /** Adds a listener that is given each incarnation that has lapsed, once, before the next one. */
  public void onLapse(LongConsumer listener) {
    onLapse.add(listener);
  }

  /** Adds a listener that is given each incarnation, the one that is held now included. */
  public void onGrant(LongConsumer listener) {
    loop.runOnContext(then -> {
      onGrant.add(listener);
      incarnation().ifPresent(now -> tell(List.of(listener), now));
    });
  }

  /**
   * Which of these incarnations can never act again: their rows are ended or gone. One that has
   * expired is ended first, so that it cannot be renewed any more. Blocks.
   *
   * @throws StoreFailure where Postgres could not be asked
   */
  public Set<Long> dead(Collection<Long> incarnations) {
    return incarnations.isEmpty() ? Set.of() : sql.dead(incarnations);
  }

  /**
   * Gives the lease up, for good: this worker claims nothing any more, and others may take at once
   * what it has left. No listener is told. Waits for Postgres two seconds at the most: else the
   * lease runs out by itself. Calls after the first do nothing.
   */
  void end() {
    var done = new CompletableFuture<Void>();
    loop.runOnContext(now -> endNow().onComplete(answered -> done.complete(null)));
    if (Context.isOnEventLoopThread()) {
      return;
    }
    try {
      done.get(END_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException e) {
      LOG.warn("Postgres does not answer: this worker's lease is left to run out");
    } catch (ExecutionException e) {
      throw new IllegalStateException("never fails", e);
    }
  }

  private Future<?> endNow() {
    if (ended) {
      return Future.succeededFuture();
    }
    ended = true;
    vertx.cancelTimer(timer);
    var last = held;
    held = null;
    return last == null && before == NONE
        ? Future.succeededFuture()
        : sql.end(last == null ? NONE : last.incarnation(), before)
            .onFailure(failure ->
                LOG.warnf("this worker's lease is left to run out: %s", failure.getMessage()));
  }

  void start(@Observes StartupEvent start, Schema schema) {
    schema.usable().onSuccess(usable -> begin());
  }

  void begin() {
    loop.runOnContext(now -> {
      if (!ended) {
        forgotAt = ticker.nanos() - FORGET_EVERY.toNanos();
        timer = vertx.setPeriodic(terms.retry().toMillis(), tick -> act());
        act();
      }
    });
  }

  /** After all who hand over what they hold, and before calls under way are waited for. */
  void leave(@Observes @Priority(HANDED_OVER) ShutdownDelayInitiatedEvent stop) {
    end();
  }

  /** Where no delay comes first. */
  void stop(@Observes ShutdownEvent stop) {
    end();
  }

  /** Each time that a retry may be due. */
  private void act() {
    var mine = held;
    if (mine != null && !isHeld(mine)) {
      lapse(mine, "it could not be renewed in time");
      mine = null;
    }
    if (mine == null) {
      if (!granting) {
        grant();
      }
    } else if (failing || ticker.nanos() - sentAt >= terms.renewal().toNanos()) {
      // Not one at a time: an answer may never come, and the next is asked on another connection.
      renew(mine.incarnation());
    }
  }

  private void renew(long incarnation) {
    long sent = ticker.nanos();
    sentAt = sent;
    failing = false;
    sql.renew(incarnation, terms.lease())
        .onSuccess(renewed -> renewed(incarnation, sent, renewed))
        .onFailure(this::report);
  }

  private void renewed(long incarnation, long sent, boolean renewed) {
    var mine = held;
    if (mine == null || mine.incarnation() != incarnation) {
      return;
    }
    if (!renewed) {
      lapse(mine, "Postgres has it ended or expired");
    } else if (!isHeld(mine)) {
      // The answer is too late: someone may have been told already that it is not held.
      lapse(mine, "it could not be renewed in time");
    } else {
      news.over();
      long until = sent + terms.heldNanos();
      if (until - mine.until() > 0) {
        held = new Held(incarnation, until);
      }
      forget();
    }
  }

  private void lapse(Held lease, String why) {
    held = null;
    before = lease.incarnation();
    lapses.increment();
    LOG.warnf("the lease of incarnation %d has lapsed: %s", lease.incarnation(), why);
    tell(onLapse, lease.incarnation());
  }

  private void grant() {
    long sent = ticker.nanos();
    sentAt = sent;
    granting = true;
    sql.grant(name, address, terms.lease(), before)
        .onComplete(answer -> {
          granting = false;
          if (answer.failed()) {
            report(answer.cause());
          } else {
            granted(answer.result(), sent);
          }
        });
  }

  private void granted(long incarnation, long sent) {
    var lease = new Held(incarnation, sent + terms.heldNanos());
    if (ended) {
      sql.end(incarnation, NONE);
    } else if (!isHeld(lease)) {
      before = incarnation;
    } else {
      before = NONE;
      failing = false;
      held = lease;
      news.over();
      LOG.infof("worker %s has the lease of incarnation %d", name, incarnation);
      tell(onGrant, incarnation);
    }
  }

  /** Removes what has long ended, now and then. */
  private void forget() {
    long now = ticker.nanos();
    if (now - forgotAt >= FORGET_EVERY.toNanos()) {
      forgotAt = now;
      sql.forget(FORGET_AFTER).onFailure(this::report);
    }
  }

  private void report(Throwable failure) {
    failing = true;
    var cause =
        failure instanceof StoreFailure && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (ended || StoreTrouble.isOurStop(cause)) {
      return;
    }
    if (news.is(String.valueOf(failure.getMessage()))) {
      LOG.warnf("the lease cannot be renewed: %s", failure.getMessage());
    }
  }

  private static void tell(List<LongConsumer> listeners, long incarnation) {
    for (var listener : listeners) {
      try {
        listener.accept(incarnation);
      } catch (RuntimeException e) {
        LOG.errorf(e, "a listener to leases failed at incarnation %d", incarnation);
      }
    }
  }
}
