package dev.sallyport.data.room;

import dev.sallyport.data.actor.Address;
import dev.sallyport.data.actor.Tenant;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A room in the memory of the worker that owns it: from the first who asks for it until nobody has
 * needed it for a while, or another worker takes over. What happens in it is {@link OpenRoom}'s.
 * Thread-safe.
 */
final class Room implements Tenant {
  /** As an actor is addressed; no type of actor can be called so. */
  static final String TYPE = ":room";

  /** What a room can be called. */
  static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:~-]{0,127}");

  /** Messages that are read at once, for those who come back soon. */
  private static final int NEWEST = 200;

  /** What opening a room may take; the user-worker waits a little longer. */
  private static final Duration OPEN_WITHIN = Duration.ofSeconds(9);

  private enum Phase {
    COMING,
    OPEN,
    GONE
  }

  private final Address address;
  private final long incarnation;
  private final RoomTools tools;
  private final CompletableFuture<OpenRoom> open = new CompletableFuture<>();

  /** Guarded by this, as all below. */
  private Phase phase = Phase.COMING;

  private int uses;
  private long idleSince;
  private @Nullable Claim claim;
  private @Nullable OpenRoom inside;

  Room(Address address, long incarnation, RoomTools tools) {
    this.address = address;
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

  /** Keeps it here until as many times {@link #exit}; false where it is gone already. */
  synchronized boolean enter() {
    if (phase == Phase.GONE) {
      return false;
    }
    uses++;
    return true;
  }

  synchronized void exit() {
    uses--;
    idleSince = tools.ticker().nanos();
  }

  /**
   * The room once it is here; fails with {@link dev.sallyport.data.actor.Misdirected} where it is
   * elsewhere, and with a failure of the store or a refusal, also where it is not here in time.
   */
  CompletableFuture<OpenRoom> open() {
    return open.copy()
        .orTimeout(OPEN_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionallyCompose(failure ->
            CompletableFuture.failedFuture(
                failure instanceof TimeoutException ? RoomError.moving() : failure));
  }

  @Override
  public void owned(Claim ours, @Nullable String kept) {
    if (tools.memory().isFull()) {
      throw RoomError.overloaded();
    }
    var found = tools.rooms().open(ours);
    var newest = tools.log().newest(found.pk(), NEWEST);
    var state = tools.rooms().state(found.pk());
    OpenRoom here;
    synchronized (this) {
      if (phase == Phase.GONE) {
        return;
      }
      claim = ours;
      here = new OpenRoom(this, ours, found, newest, state, tools);
      inside = here;
      phase = Phase.OPEN;
      idleSince = tools.ticker().nanos();
    }
    tools.meters().opened(1);
    open.complete(here);
  }

  @Override
  public void leave(RuntimeException why) {
    synchronized (this) {
      if (phase == Phase.GONE) {
        return;
      }
      goes();
    }
    open.completeExceptionally(why);
  }

  /** Guarded by this. */
  private void goes() {
    if (inside != null) {
      tools.meters().opened(-1);
      inside.close();
    }
    phase = Phase.GONE;
    tools.tenancy().gone(this);
  }

  @Override
  public synchronized Optional<Claim> leaveIfIdle(long nanos) {
    if (phase != Phase.OPEN || uses > 0 || tools.ticker().nanos() - idleSince < nanos) {
      return Optional.empty();
    }
    goes();
    return Optional.ofNullable(claim);
  }

  /** What is under way fails at its commit, and its sender tries again. */
  @Override
  public boolean isServing() {
    return false;
  }
}
