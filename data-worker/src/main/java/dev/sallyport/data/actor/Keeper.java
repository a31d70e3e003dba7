package dev.sallyport.data.actor;

import dev.sallyport.data.platform.StoreFailure;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What one actor keeps, as it was committed last, and how it is committed. Confined to one thread
 * at a time.
 */
final class Keeper<S> {
  /** Postgres itself answers sooner, one way or the other. */
  private static final Duration COMMIT_WITHIN = Duration.ofSeconds(15);

  /** The actor must leave memory: what it keeps is not known any more, or not its own. */
  static final class Lost extends Exception {
    private final transient RuntimeException why;

    Lost(RuntimeException why) {
      super(why.getMessage(), why, false, false);
      this.why = why;
    }

    /** What whoever waits is told. */
    RuntimeException why() {
      return why;
    }
  }

  /** Takes a transaction back whose fence did not hold. */
  private static final class FenceLost extends Exception {
    FenceLost() {
      super("the fence was lost", null, false, false);
    }
  }

  private final long pk;
  private final long fence;
  private final Tools tools;
  private final IntConsumer keeps;
  private S state;

  /**
   * @param state as it was read under this fence
   * @param keeps told how long the JSON is that it keeps, each time that changes
   */
  Keeper(long pk, long fence, Tools tools, S state, IntConsumer keeps) {
    this.pk = pk;
    this.fence = fence;
    this.tools = tools;
    this.state = state;
    this.keeps = keeps;
  }

  /** As it was committed last. */
  S state() {
    return state;
  }

  /** What a method threw, as what its caller is told. */
  static RuntimeException unchecked(Throwable failure) {
    return failure instanceof RuntimeException known
        ? known
        : new IllegalStateException("a method failed", failure);
  }

  /**
   * Commits, then tells who waits.
   *
   * @param held whether this worker may still speak for the actor, where there is nothing to write
   */
  void commit(Pending<S> pending, BooleanSupplier held) throws Lost {
    var change = pending.change(pk, fence);
    if (change.isEmpty()) {
      var failure = held.getAsBoolean() ? null : ActorError.moving();
      pending.tell(failure);
      if (failure != null) {
        throw new Lost(failure);
      }
      return;
    }
    long began = tools.ticker().nanos();
    var failure = kept(change);
    tools.meters().committed(Duration.ofNanos(tools.ticker().nanos() - began));
    if (failure == null) {
      committed(pending);
    }
    pending.tell(failure);
    if (failure != null) {
      throw new Lost(failure);
    }
  }

  /** Null once it is committed. */
  private @Nullable RuntimeException kept(Change change) {
    try {
      boolean held =
          tools
              .keep()
              .keep(change)
              .toCompletableFuture()
              .get(COMMIT_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
      return held ? null : ActorError.moved();
    } catch (ExecutionException e) {
      return e.getCause() instanceof RuntimeException known
          ? known
          : new IllegalStateException("a commit failed", e.getCause());
    } catch (TimeoutException | InterruptedException e) {
      return ActorError.moved();
    }
  }

  /**
   * Together with other rows.
   *
   * @return null once it is committed and all are told; where the other rows failed, their failure,
   *     and nobody is told
   */
  @Nullable RuntimeException commitAlong(Pending<S> pending, Turn<S> turn) throws Lost {
    var change = pending.change(pk, fence);
    try {
      tools
          .transactions()
          .call(tx -> {
            for (var rows : turn.along()) {
              rows.write(tx);
            }
            if (!tools.keep().keep(tx, change)) {
              throw new FenceLost();
            }
            return change;
          });
    } catch (FenceLost lost) {
      pending.tell(ActorError.moved());
      throw new Lost(ActorError.moved());
    } catch (Exception e) {
      var failure = unchecked(e);
      if (failure instanceof StoreFailure) {
        pending.tell(failure);
        throw new Lost(failure);
      }
      return failure;
    }
    committed(pending);
    pending.tell(null);
    return null;
  }

  private void committed(Pending<S> pending) {
    state = pending.state();
    if (pending.length() >= 0) {
      keeps.accept(pending.length());
    }
  }
}
