package dev.sallyport.data.actor;

import dev.sallyport.data.actor.OwnerSql.Asked;
import dev.sallyport.data.actor.OwnerSql.Standing;
import dev.sallyport.data.actor.Tenant.Claim;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.data.lease.WorkerLease;
import dev.sallyport.data.platform.Ticker;
import dev.sallyport.data.platform.Transactions;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongFunction;
import org.jboss.logging.Logger;

/**
 * The actors that this worker has in memory, and how others come into it: the first call of one
 * claims it, or finds out who has it. Thread-safe.
 */
@Singleton
class Directory {
  static final Duration IDLE = Duration.ofSeconds(30);
  static final Duration TURN_MAX = Duration.ofSeconds(30);

  /** Actors in memory; more are refused. */
  static final int RESIDENTS_MAX = 50_000;

  /** Of the heap: a state is there as JSON and as objects while it is written. */
  private static final int SHARE_OF_HEAP = 16;

  /** For so long an actor stays although memory is short. */
  private static final Duration IDLE_MIN = Duration.ofSeconds(1);

  private static final Logger LOG = Logger.getLogger(Directory.class);
  private static final Duration HANDS_OVER_WITHIN = Duration.ofSeconds(3);
  private static final Duration PAUSE = Duration.ofMillis(5);
  private static final int CLAIM_TRIES = 8;
  private static final int OFFER_TRIES = 8;
  private static final int RELEASE_MAX = 1_000;

  private final AtomicLong held = new AtomicLong();
  private final long heldMax = Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP;
  private final ConcurrentHashMap<Address, Tenant> residents = new ConcurrentHashMap<>();
  private final WorkerLease lease;
  private final OwnerSql owners;
  private final Placement placement;
  private final StoreClock storeClock;
  private final Clock clock;
  private final Tools tools;
  private final ActorMeters meters;
  private volatile boolean leaving;

  @Inject
  Directory(
      WorkerLease lease,
      OwnerSql owners,
      KeepSql keep,
      LookSql look,
      AlarmSql alarms,
      Transactions transactions,
      ActorJson json,
      Clock clock,
      Ticker ticker,
      ActorMeters meters,
      MeterRegistry metrics) {
    this.lease = lease;
    this.owners = owners;
    this.placement = new Placement(ticker);
    this.storeClock = new StoreClock(clock);
    this.clock = clock;
    this.meters = meters;
    this.tools =
        new Tools(
            lease,
            keep,
            look,
            alarms,
            transactions,
            json,
            storeClock,
            ticker,
            meters,
            held,
            this::forget);
    Gauge.builder("sallyport_actor_resident_actors", residents, ConcurrentHashMap::size)
        .description("Actors that this worker has in memory")
        .register(metrics);
  }

  /**
   * Has an actor served this; does not block.
   *
   * @param here whether this worker is to take it, if nobody has it, wherever it should live
   */
  <S> void deliver(Address address, Behaviour<S> behaviour, Ask<S> ask, boolean here) {
    for (int i = 0; i < OFFER_TRIES; i++) {
      Resident<S> resident;
      try {
        resident = tenant(address, under -> new Resident<>(address, behaviour, under, tools), here);
      } catch (Refusal refusal) {
        ask.fail(refusal);
        return;
      }
      switch (resident.offer(ask)) {
        case TAKEN -> {
          return;
        }
        case FULL -> {
          meters.call(ActorMeters.Outcome.LOST);
          ask.fail(ActorError.mailboxFull());
          return;
        }
        case GONE -> residents.remove(address, resident);
      }
    }
    ask.fail(ActorError.moving());
  }

  /**
   * The one that has this address here, or a new one, whose claim is on its way. Does not block.
   *
   * @param make given the incarnation it is to live under
   * @throws Refusal where this worker takes none now
   */
  @SuppressWarnings("unchecked") // an address has one type, and that one kind of tenant
  <T extends Tenant> T tenant(Address address, LongFunction<T> make, boolean here) {
    var incarnation = lease.incarnation();
    if (incarnation.isEmpty() || leaving) {
      throw ActorError.moving();
    }
    var there = (T) residents.get(address);
    if (there != null) {
      return there;
    }
    if (residents.size() >= RESIDENTS_MAX || held.get() >= heldMax) {
      throw ActorError.overloaded();
    }
    var mine = make.apply(incarnation.getAsLong());
    var others = (T) residents.putIfAbsent(address, mine);
    if (others != null) {
      return others;
    }
    Thread.ofVirtual().name("actor-claim").start(() -> load(mine, here));
    return mine;
  }

  /**
   * The incarnation of the worker that should have this actor if nobody has; empty where none is
   * known.
   */
  OptionalLong pick(Address address) {
    var here = lease.incarnation();
    if (here.isEmpty() || leaving) {
      return OptionalLong.empty();
    }
    var elsewhere = placement.elsewhere(address, here.getAsLong());
    return elsewhere.isPresent() ? OptionalLong.of(elsewhere.get().incarnation()) : here;
  }

  /** Whether this worker has it, or should have it if nobody has; only a guess. */
  boolean isHere(Address address) {
    if (residents.containsKey(address)) {
      return true;
    }
    var pick = pick(address);
    return pick.isPresent() && pick.equals(lease.incarnation());
  }

  /** It is here no more. */
  void forget(Tenant gone) {
    residents.remove(gone.address(), gone);
  }

  private void load(Tenant resident, boolean here) {
    try {
      if (!storeClock.isKnown()) {
        lookAround();
      }
      claim(resident, here);
    } catch (RuntimeException e) {
      resident.leave(e);
    }
  }

  private void claim(Tenant resident, boolean here) {
    var address = resident.address();
    long incarnation = resident.incarnation();
    var pick = placement.elsewhere(address, incarnation);
    boolean wanted = here || pick.isEmpty();
    Long dead = null;
    for (int i = 0; i < CLAIM_TRIES; i++) {
      switch (Awaited.answer(
          owners.claim(new Asked(address, wanted, incarnation, dead)), "a claim")) {
        case Standing.Ours ours -> {
          resident.owned(new Claim(ours.pk(), ours.fence()), ours.state());
          return;
        }
        case Standing.Free() -> {
          resident.leave(new Misdirected(pick.orElseThrow().address()));
          return;
        }
        case Standing.Theirs theirs when theirs.incarnation() == incarnation -> wanted = true;
        case Standing.Theirs theirs when isDead(theirs) -> {
          dead = theirs.incarnation();
          wanted = true;
        }
        case Standing.Theirs theirs -> {
          resident.leave(
              theirs.address() == null ? ActorError.moving() : new Misdirected(theirs.address()));
          return;
        }
        case Standing.Unclear() -> LockSupport.parkNanos(this, PAUSE.toNanos());
      }
    }
    resident.leave(ActorError.moving());
  }

  private boolean isDead(Standing.Theirs theirs) {
    return !theirs.alive()
        && lease.dead(Set.of(theirs.incarnation())).contains(theirs.incarnation());
  }

  /** Asks which workers there are, and what time it is. Blocks. */
  void lookAround() {
    var asked = clock.instant();
    long began = tools.ticker().nanos();
    var around = owners.lookAround();
    storeClock.said(around.now(), asked, Duration.ofNanos(tools.ticker().nanos() - began));
    placement.update(around.workers());
  }

  /** Lets those go that nobody needs, and interrupts those that take too long. Blocks. */
  void sweep() {
    boolean isTight = residents.size() > RESIDENTS_MAX / 2 || held.get() > heldMax / 2;
    sweep(isTight ? IDLE_MIN : IDLE);
  }

  void sweep(Duration idleFor) {
    var idle = new HashMap<Long, List<Claim>>();
    for (var resident : residents.values()) {
      if (resident.interruptAfter(TURN_MAX.toNanos())) {
        meters.interrupted();
        LOG.warnf(
            "a turn of %s takes longer than %s: it is interrupted", resident.address(), TURN_MAX);
      }
      resident
          .leaveIfIdle(idleFor.toNanos())
          .ifPresent(held ->
              idle.computeIfAbsent(resident.incarnation(), first -> new ArrayList<>()).add(held));
    }
    idle.forEach((incarnation, held) -> {
      for (int from = 0; from < held.size(); from += RELEASE_MAX) {
        owners.release(incarnation, held.subList(from, Math.min(held.size(), from + RELEASE_MAX)));
      }
    });
  }

  /** Of this incarnation nothing may be done any more. */
  void drop(long incarnation) {
    for (var resident : residents.values()) {
      if (resident.incarnation() == incarnation) {
        resident.leave(ActorError.moving());
      }
    }
  }

  /** Serves nobody any more; what is being served is finished, within seconds. Blocks. */
  void leave() {
    leaving = true;
    long until = tools.ticker().nanos() + HANDS_OVER_WITHIN.toNanos();
    while (tools.ticker().nanos() - until < 0
        && residents.values().stream().anyMatch(Tenant::isServing)) {
      LockSupport.parkNanos(this, PAUSE.toNanos());
    }
    for (var resident : residents.values()) {
      resident.leave(ActorError.moving());
    }
    lease
        .incarnation()
        .ifPresent(incarnation -> {
          int given = owners.releaseAll(incarnation);
          if (given > 0) {
            LOG.infof("%d actors are handed over", given);
          }
        });
  }
}
