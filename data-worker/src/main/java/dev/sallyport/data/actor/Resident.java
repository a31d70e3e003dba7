package dev.sallyport.data.actor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One actor in the memory of the worker that owns it. Its calls are served one at a time, on one
 * virtual thread that is there while there are any; those that wait at one moment share a commit,
 * and none is answered before all that it saw is committed. After a commit that failed, or of which
 * nobody knows, the actor leaves memory, and is read again under a higher fence.
 *
 * <p>Thread-safe; only the thread that serves touches the state.
 */
final class Resident<S> implements Tenant {
  private static final Logger LOG = Logger.getLogger(Resident.class);

  /** Calls that may wait; more are refused. */
  static final int MAILBOX_MAX = 1024;

  /** Calls that share a commit. */
  private static final int BATCH_MAX = 64;

  /** Whether an ask was taken. */
  enum Offer {
    TAKEN,
    FULL,
    /** It has left memory: look for another one. */
    GONE
  }

  private enum Phase {
    LOADING,
    READY,
    GONE
  }

  private final Address address;
  private final Behaviour<S> behaviour;
  private final long incarnation;
  private final Tools tools;

  /** Guarded by this, as all below but the claim. */
  private final ArrayDeque<Ask<S>> mailbox = new ArrayDeque<>();

  private Phase phase = Phase.LOADING;
  private @Nullable Thread serving;
  private long turnBegan;
  private long idleSince;
  private long bytes;

  private @Nullable Claim claim;
  private @Nullable Server<S> server;

  Resident(Address address, Behaviour<S> behaviour, long incarnation, Tools tools) {
    this.address = address;
    this.behaviour = behaviour;
    this.incarnation = incarnation;
    this.tools = tools;
  }

  @Override
  public Address address() {
    return address;
  }

  @Override
  public long incarnation() {
    return incarnation;
  }

  synchronized Offer offer(Ask<S> ask) {
    if (phase == Phase.GONE) {
      return Offer.GONE;
    }
    if (mailbox.size() >= MAILBOX_MAX) {
      return Offer.FULL;
    }
    mailbox.add(ask);
    begin();
    return Offer.TAKEN;
  }

  @Override
  public synchronized void owned(Claim ours, @Nullable String kept) {
    if (phase == Phase.GONE) {
      return;
    }
    claim = ours;
    var state = kept == null ? behaviour.initial() : tools.json().state(kept, behaviour.state());
    server =
        new Server<>(
            address,
            behaviour,
            ours.pk(),
            ours.fence(),
            tools,
            new Keeper<>(ours.pk(), ours.fence(), tools, state, this::keeps),
            this::turn);
    keeps(kept == null ? 0 : kept.length());
    phase = Phase.READY;
    idleSince = tools.ticker().nanos();
    begin();
  }

  /** What it keeps now, in bytes or nearly so. */
  private synchronized void keeps(int now) {
    if (phase != Phase.GONE) {
      tools.held().addAndGet(now - bytes);
      bytes = now;
    }
  }

  /** Guarded by this. */
  private void goes() {
    tools.held().addAndGet(-bytes);
    bytes = 0;
    phase = Phase.GONE;
  }

  private void begin() {
    if (phase == Phase.READY && serving == null && !mailbox.isEmpty()) {
      serving = Thread.ofVirtual().name("actor").start(this::serve);
    }
  }

  private void serve() {
    var mine = server;
    for (var batch = next(); mine != null && !batch.isEmpty(); batch = next()) {
      if (!tools.lease().isHeld(incarnation)) {
        batch.forEach(ask -> ask.fail(ActorError.moving()));
        leave(ActorError.moving());
        return;
      }
      try {
        mine.serve(batch, () -> tools.lease().isHeld(incarnation));
      } catch (Keeper.Lost lost) {
        leave(lost.why());
        return;
      } catch (RuntimeException | Error e) {
        // Nobody expected it, so nobody knows what was done: all are told, and it is read again.
        var failure = ActorError.moved();
        batch.forEach(ask -> ask.fail(failure));
        leave(failure);
        LOG.errorf(e, "actor %s failed", address);
        return;
      }
    }
  }

  private synchronized List<Ask<S>> next() {
    turnBegan = 0;
    var batch = new ArrayList<Ask<S>>(Math.min(mailbox.size(), BATCH_MAX));
    while (phase == Phase.READY && batch.size() < BATCH_MAX && !mailbox.isEmpty()) {
      batch.add(mailbox.remove());
    }
    if (batch.isEmpty()) {
      serving = null;
      idleSince = tools.ticker().nanos();
    }
    return batch;
  }

  /** Told when a turn begins, and when it has ended. */
  private synchronized void turn(boolean begins) {
    turnBegan = begins ? tools.ticker().nanos() : 0;
  }

  /** What is being served fails at its commit. */
  @Override
  public void leave(RuntimeException why) {
    List<Ask<S>> waiting;
    synchronized (this) {
      goes();
      waiting = List.copyOf(mailbox);
      mailbox.clear();
    }
    tools.gone().accept(this);
    waiting.forEach(ask -> ask.fail(why));
  }

  @Override
  public synchronized Optional<Claim> leaveIfIdle(long nanos) {
    if (phase != Phase.READY
        || serving != null
        || !mailbox.isEmpty()
        || tools.ticker().nanos() - idleSince < nanos) {
      return Optional.empty();
    }
    goes();
    tools.gone().accept(this);
    return Optional.ofNullable(claim);
  }

  @Override
  public synchronized boolean interruptAfter(long nanos) {
    var thread = serving;
    if (thread == null || turnBegan == 0 || tools.ticker().nanos() - turnBegan < nanos) {
      return false;
    }
    turnBegan = 0;
    thread.interrupt();
    return true;
  }

  @Override
  public synchronized boolean isServing() {
    return serving != null;
  }
}
