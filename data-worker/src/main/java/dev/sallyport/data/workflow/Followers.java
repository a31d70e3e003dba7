package dev.sallyport.data.workflow;

import dev.sallyport.data.binding.Refusal;
import dev.sallyport.model.News;
import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import dev.sallyport.model.StoreTrouble;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for the end of a run, or watches its progress. What is executed here tells at once,
 * through {@link #changed} and {@link #finished}; all other followed runs are asked about together,
 * in one statement every {@link #POLL}. Thread-safe, does not block.
 */
@Singleton
class Followers {
  /** More are refused. */
  static final int MAX = 10_000;

  /** How late the change of a run that another worker executes may be noticed. */
  static final Duration POLL = Duration.ofMillis(200);

  private static final Logger LOG = Logger.getLogger(Followers.class);
  private static final int REMEMBERED = 4096;

  /** One who follows a run. Its methods are called on any thread and do not block. */
  interface Follower {
    /** The number of the last change that it knows; how the poll sees that there is more. */
    long seen();

    /** There may be something new. */
    void look();

    /**
     * The run is over.
     *
     * @param end as known here; null when it must be looked up
     */
    void finished(@Nullable FinishedRun end);

    /** This worker stops. */
    void leave();
  }

  private final Vertx vertx;
  private final RunSql runs;
  private final ConcurrentHashMap<Long, List<Follower>> followed = new ConcurrentHashMap<>();
  private final AtomicInteger count = new AtomicInteger();
  private final News news = new News(System::nanoTime);

  /**
   * The last runs that ended here. A run can be over before the one who started it comes to follow
   * it: who writes here first and looks at {@link #followed} then never misses who does the
   * opposite.
   */
  private final AtomicLongArray ended = new AtomicLongArray(REMEMBERED);

  private volatile boolean leaving;
  private final AtomicBoolean asking = new AtomicBoolean();

  @Inject
  Followers(Vertx vertx, RunSql runs) {
    this.vertx = vertx;
    this.runs = runs;
  }

  void start(@Observes StartupEvent start) {
    vertx.setPeriodic(POLL.toMillis(), tick -> poll());
  }

  /** Before the stop waits for the calls that are under way: these would wait on. */
  void leave(@Observes @Priority(1) ShutdownDelayInitiatedEvent stop) {
    leaving = true;
    followed.values().forEach(all -> all.forEach(Follower::leave));
  }

  // ---- from the engine
  // -----------------------------------------------------------------------------

  /** A change of a run was committed here. Costs nothing when nobody follows it. */
  void changed(long pk) {
    if (count.get() == 0) {
      return;
    }
    var all = followed.get(pk);
    if (all != null) {
      all.forEach(Follower::look);
    }
  }

  /**
   * The end of a run was committed here.
   *
   * @param end asked for only when somebody waits
   */
  void finished(long pk, Supplier<FinishedRun> end) {
    ended.set(slot(pk), pk);
    if (count.get() == 0) {
      return;
    }
    var all = followed.get(pk);
    if (all != null) {
      var known = end.get();
      all.forEach(one -> one.finished(known));
    }
  }

  /** A run was ended here by its row alone. */
  void ended(long pk) {
    ended.set(slot(pk), pk);
    var all = followed.get(pk);
    if (all != null) {
      all.forEach(one -> one.finished(null));
    }
  }

  private static int slot(long pk) {
    return (int) (pk & (REMEMBERED - 1));
  }

  // ---- from those who follow
  // -----------------------------------------------------------------------

  /** Whether one more can follow. */
  boolean hasRoom() {
    return count.get() < MAX;
  }

  /**
   * Begins to follow.
   *
   * @throws Refusal 503 when there are too many already
   */
  void follow(long pk, Follower follower) {
    if (count.incrementAndGet() > MAX) {
      count.decrementAndGet();
      throw overloaded();
    }
    followed.merge(
        pk, List.of(follower), (all, one) -> Stream.concat(all.stream(), one.stream()).toList());
    if (ended.get(slot(pk)) == pk) {
      follower.finished(null);
    }
    if (leaving) {
      follower.leave();
    }
  }

  /** Ends it; once for each {@link #follow}. */
  void unfollow(long pk, Follower follower) {
    followed.computeIfPresent(
        pk,
        (run, all) -> {
          if (!all.contains(follower)) {
            return all;
          }
          count.decrementAndGet();
          return all.size() == 1
              ? null
              : all.stream().filter(one -> !one.equals(follower)).toList();
        });
  }

  static Refusal overloaded() {
    return Refusal.of(
        Problem.retryable(
            ProblemType.OVERLOADED,
            "This worker follows as many runs as it can; ask for the run without waiting.",
            Duration.ofSeconds(1)));
  }

  /**
   * Completes when the run is over, or the time, or this worker's: with the end where it is known
   * here, else with null. Never fails.
   *
   * @throws Refusal 503 when there are too many who follow already
   */
  CompletionStage<@Nullable FinishedRun> end(long pk, Duration atMost) {
    var waiter = new Waiter(pk);
    follow(pk, waiter);
    waiter.until(atMost);
    return waiter.end;
  }

  /** One who only wants the end. */
  private final class Waiter implements Follower {
    private final CompletableFuture<@Nullable FinishedRun> end = new CompletableFuture<>();
    private final long pk;
    private volatile long timer;

    Waiter(long pk) {
      this.pk = pk;
    }

    /** Only now, so that it cannot stop following before it has begun. */
    void until(Duration atMost) {
      if (!end.isDone()) {
        timer = vertx.setTimer(Math.max(1, atMost.toMillis()), over -> finished(null));
      }
    }

    @Override
    public long seen() {
      return Long.MAX_VALUE;
    }

    @Override
    public void look() {
      // Only the end counts.
    }

    @Override
    public void finished(@Nullable FinishedRun known) {
      if (!end.isDone()) {
        vertx.cancelTimer(timer);
        unfollow(pk, this);
        end.complete(known);
      }
    }

    @Override
    public void leave() {
      finished(null);
    }
  }

  // ---- runs that are executed elsewhere
  // ------------------------------------------------------------

  private void poll() {
    if (followed.isEmpty() || !asking.compareAndSet(false, true)) {
      return;
    }
    runs.progress(followed.keySet().toArray(Long[]::new))
        .onComplete(answer -> asking.set(false))
        .onSuccess(all -> {
          news.over();
          all.forEach(this::tell);
        })
        .onFailure(failure -> {
          if (!StoreTrouble.isOurStop(failure) && news.is("runs are not followed")) {
            LOG.warnf("followed runs cannot be looked up: %s", failure.getMessage());
          }
        });
  }

  private void tell(RunSql.Progress progress) {
    var all = followed.get(progress.pk());
    if (all == null) {
      return;
    }
    for (var follower : all) {
      if (progress.finished()) {
        follower.finished(null);
      } else if (progress.seq() > follower.seen()) {
        follower.look();
      }
    }
  }
}
