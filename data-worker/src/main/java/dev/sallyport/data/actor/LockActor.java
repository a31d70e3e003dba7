package dev.sallyport.data.actor;

import dev.sallyport.data.binding.Access;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * {@code lock}: held by one at a time, until it is released or its time is over. The token rises
 * with each one that gets it: whoever writes under the lock gives the token along, and what is
 * written to refuses a lower one than it has seen.
 */
@Singleton
class LockActor implements Actor<LockActor.State> {
  static final String TYPE = "lock";

  private static final Duration TTL_MAX = Duration.ofDays(1);

  private final Access access;

  @Inject
  LockActor(ActorSettings settings) {
    this.access = settings.accessTo(TYPE);
  }

  /**
   * What one keeps.
   *
   * @param token the last that was given
   * @param until when that one's time is over; null where it was released
   */
  @RegisterForReflection
  record State(long token, @Nullable Instant until) {
    boolean isHeld(Instant now) {
      return until != null && now.isBefore(until);
    }
  }

  /** What is asked for. */
  @RegisterForReflection
  record Acquire(Duration ttl) {
    Acquire {
      check(ttl);
    }
  }

  @RegisterForReflection
  record Renew(long token, Duration ttl) {
    Renew {
      check(ttl);
    }
  }

  @RegisterForReflection
  record Release(long token) {}

  @RegisterForReflection
  record Acquired(boolean acquired, @Nullable Long token, @Nullable Instant until) {}

  @RegisterForReflection
  record Renewed(boolean renewed, @Nullable Instant until) {}

  @RegisterForReflection
  record Released(boolean released) {}

  private static void check(@Nullable Duration ttl) {
    if (ttl == null || !ttl.isPositive() || ttl.compareTo(TTL_MAX) > 0) {
      throw new IllegalArgumentException("is a duration of up to " + TTL_MAX + ", such as PT30S");
    }
  }

  @Override
  public Behaviour<State> behaviour() {
    return Behaviour.of(TYPE, State.class, new State(0, null))
        .method("acquire", Acquire.class, access, LockActor::acquire)
        .method("renew", Renew.class, access, LockActor::renew)
        .method("release", Release.class, access, LockActor::release);
  }

  private static Acquired acquire(Turn<State> turn, Acquire acquire) {
    if (turn.state().isHeld(turn.now())) {
      return new Acquired(false, null, null);
    }
    var next = turn.become(new State(turn.state().token() + 1, turn.now().plus(acquire.ttl())));
    return new Acquired(true, next.token(), next.until());
  }

  private static Renewed renew(Turn<State> turn, Renew renew) {
    if (renew.token() != turn.state().token() || !turn.state().isHeld(turn.now())) {
      return new Renewed(false, null);
    }
    var next = turn.become(new State(renew.token(), turn.now().plus(renew.ttl())));
    return new Renewed(true, next.until());
  }

  private static Released release(Turn<State> turn, Release release) {
    if (release.token() != turn.state().token() || !turn.state().isHeld(turn.now())) {
      return new Released(false);
    }
    turn.become(new State(release.token(), null));
    return new Released(true);
  }
}
