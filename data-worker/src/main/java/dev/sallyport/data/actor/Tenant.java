package dev.sallyport.data.actor;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Something of which there is one in the cluster, while this worker has it in memory: an actor, or
 * what is made of one. Thread-safe.
 */
public interface Tenant {
  /** What it is called. */
  Address address();

  /** Under which lease of this worker it lives here. */
  long incarnation();

  /**
   * It is ours; called once, on a virtual thread, and may block.
   *
   * @param kept what {@code actor.actor} keeps for it; null for nothing
   * @throws RuntimeException it cannot be here: it is told to {@link #leave} for that reason
   */
  void owned(Claim claim, @Nullable String kept);

  /** It is not ours, or not any more, and tells so whoever waits for it. Does not block. */
  void leave(RuntimeException why);

  /** Ends it if nobody has needed it for so long; gives back the claim that it had. */
  Optional<Claim> leaveIfIdle(long nanos);

  /** Interrupts what it does if that has lasted longer; gives whether it did. */
  default boolean interruptAfter(long nanos) {
    return false;
  }

  /** Whether it does something that should be finished before it leaves. */
  boolean isServing();

  /**
   * A claim that was made. Immutable.
   *
   * @param pk of the row in {@code actor.actor}
   * @param fence to be compared, under that row's lock, by whatever is written for it
   */
  record Claim(long pk, long fence) {}
}
