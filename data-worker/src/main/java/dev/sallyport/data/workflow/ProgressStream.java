package dev.sallyport.data.workflow;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One client that follows a run. Events: {@code step} for each entry in the order of its last
 * change, {@code run} for the run without steps once all its steps were told, {@code reset} when
 * what the client has is of no use and all comes again. Their ids are the run's change numbers.
 * Ends after the {@code run} of a run that is over.
 *
 * <p>Reads a page only when the client has taken the one before; one that takes nothing for {@link
 * #BEAT} to twice that is cut off. Confined to its connection's event loop, but for {@link
 * Followers.Follower}'s methods.
 */
final class ProgressStream implements Followers.Follower {
  /** How often a comment shows that the stream lives. */
  static final Duration BEAT = Duration.ofSeconds(15);

  private static final Logger LOG = Logger.getLogger(ProgressStream.class);

  private final Vertx vertx;
  private final Context context;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final RunReader reader;
  private final RunSql runs;
  private final Followers followers;
  private final Runnable closed;

  /** The run when the client came. */
  private final RunRow begun;

  private final long pk;
  private final AtomicBoolean asked = new AtomicBoolean();

  /** The number of the last change that all of was told. */
  private volatile long seen;

  private RunSql.Place place = RunSql.Place.after(0);
  private int generation;
  private boolean runTold;
  private boolean busy;
  private boolean again;
  private boolean stalled;
  private boolean over;
  private long beat;

  /**
   * @param closed called once, at the end
   */
  ProgressStream(
      Vertx vertx,
      HttpServerRequest request,
      RunReader reader,
      RunSql runs,
      Followers followers,
      RunRow run,
      Runnable closed) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.request = request;
    this.response = request.response();
    this.reader = reader;
    this.runs = runs;
    this.followers = followers;
    this.closed = closed;
    this.pk = run.pk();
    this.generation = run.generation();
    this.begun = run;
  }

  /**
   * Answers.
   *
   * @param lastEventId what the client has, or null
   * @throws dev.sallyport.data.binding.Refusal 503 when too many follow, nothing being answered
   */
  void begin(@Nullable String lastEventId) {
    followers.follow(pk, this);
    response.closeHandler(gone -> close());
    response.exceptionHandler(gone -> close());
    response
        .setChunked(true)
        .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream;charset=UTF-8")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    beat = vertx.setPeriodic(BEAT.toMillis(), tick -> beat());
    if (lastEventId != null) {
      resume(lastEventId);
    }
    lookHere();
  }

  private void resume(String lastEventId) {
    long last = number(lastEventId);
    long first = begun.generation() == 1 ? 0 : begun.generationSeq();
    if (last < first || last > begun.seq()) {
      reset();
    } else {
      seen = last;
      place = RunSql.Place.after(last);
    }
  }

  /** -1 for what is none. */
  private static long number(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private void reset() {
    write("event: reset\ndata: {}\n\n");
    seen = 0;
    place = RunSql.Place.after(0);
  }

  @Override
  public long seen() {
    return seen;
  }

  @Override
  public void look() {
    if (asked.compareAndSet(false, true)) {
      context.runOnContext(here -> lookHere());
    }
  }

  @Override
  public void finished(@Nullable FinishedRun end) {
    look();
  }

  @Override
  public void leave() {
    context.runOnContext(here -> end());
  }

  private void lookHere() {
    asked.set(false);
    if (over) {
      return;
    }
    if (busy) {
      again = true;
      return;
    }
    if (response.writeQueueFull()) {
      response.drainHandler(drained -> look());
      return;
    }
    busy = true;
    runs.find(pk)
        .compose(run -> run.isEmpty() ? gone() : tell(run.get()))
        .onComplete(done ->
            context.runOnContext(here -> {
              busy = false;
              if (done.failed()) {
                failed(done.cause());
              } else if (done.result() || again) {
                again = false;
                lookHere();
              }
            }));
  }

  /** Cut off, the client comes back with the id it has. */
  private void failed(Throwable failure) {
    LOG.debugf("a run cannot be followed any more: %s", failure.getMessage());
    end();
  }

  private Future<Boolean> gone() {
    end();
    return Future.succeededFuture(false);
  }

  /** Tells a page of what is new; whether there is more. */
  private Future<Boolean> tell(RunRow run) {
    if (run.generation() != generation) {
      generation = run.generation();
      reset();
    }
    if (runTold && run.seq() == seen) {
      return Future.succeededFuture(false);
    }
    return runs.stepsAfter(run, place, run.seq())
        .compose(page -> {
          steps(page.steps());
          if (page.more()) {
            return Future.succeededFuture(true);
          }
          return reader
              .alone(run)
              .map(json -> {
                runTold = true;
                seen = run.seq();
                place = RunSql.Place.after(seen);
                write(event("run", run.seq(), json));
                if (run.status().isFinished()) {
                  end();
                }
                return false;
              });
        });
  }

  private void steps(List<StepRow> steps) {
    var events = new StringBuilder();
    for (var step : steps) {
      events.append(event("step", step.seq(), RunView.step(step)));
      place = new RunSql.Place(step.seq(), step.branch(), step.ordinal());
    }
    if (!events.isEmpty()) {
      write(events.toString());
    }
  }

  /** A line break within JSON is only space between its tokens, and would end the field here. */
  private static String event(String name, long id, String json) {
    return "event: "
        + name
        + "\nid: "
        + id
        + "\ndata: "
        + json.replace('\n', ' ').replace('\r', ' ')
        + "\n\n";
  }

  private void beat() {
    if (!response.writeQueueFull()) {
      stalled = false;
      write(": \n\n");
    } else if (stalled) {
      request.connection().close();
      close();
    } else {
      stalled = true;
    }
  }

  private void write(String text) {
    if (!over && !response.closed()) {
      response.write(text);
    }
  }

  private void end() {
    if (!over && !response.ended() && !response.closed()) {
      response.end();
    }
    close();
  }

  private void close() {
    if (!over) {
      over = true;
      vertx.cancelTimer(beat);
      followers.unfollow(pk, this);
      closed.run();
    }
  }
}
