package dev.sallyport.data.workflow;

import dev.sallyport.data.workflow.Entry.Kind;
import dev.sallyport.data.workflow.Entry.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one branch that wait: for a time, an event, or the end of a child. What was recorded
 * is given at once. Confined to the branch's thread.
 */
final class WaitCalls {
  private final Execution execution;

  WaitCalls(Execution execution) {
    this.execution = execution;
  }

  /** Waits until a moment, which is asked for when the code first comes here. */
  void sleep(Position at, String key, Supplier<Instant> moment) {
    var recorded = execution.recall(at, Kind.SLEEP, key);
    if (recorded != null && recorded.status() == Status.DONE) {
      return;
    }
    var startedAt = recorded == null ? execution.now() : recorded.startedAt();
    var until = recorded == null || recorded.dueAt() == null ? moment.get() : recorded.dueAt();
    var asleep = waiting(at, Kind.SLEEP, key, null, until, startedAt);
    var _ =
        execution
            .stillness()
            .await(
                new Waiting.Timer(key, until),
                recorded == null ? asleep : null,
                () -> execution.writes().record(asleep));
    execution.writes().recordAlong(ended(asleep, Status.DONE, null, null));
  }

  /** Waits for an event, or takes one that came before. */
  <T> T event(Position at, String key, String event, Class<T> type, Duration timeout) {
    var recorded = execution.recall(at, Kind.EVENT, key);
    if (recorded != null && recorded.status() == Status.FAILED) {
      throw WorkflowError.of(StepCall.error(recorded));
    }
    if (recorded != null && recorded.status() == Status.DONE) {
      return execution.tools().payloads().event(key, String.valueOf(recorded.result()), type);
    }
    var startedAt = recorded == null ? execution.now() : recorded.startedAt();
    var until =
        recorded == null || recorded.dueAt() == null ? startedAt.plus(timeout) : recorded.dueAt();
    var waiting = waiting(at, Kind.EVENT, key, null, until, startedAt);
    var arrival = arrival(new Waiting.Event(event, until), recorded == null ? waiting : null);
    if (arrival == null) {
      var note =
          new ErrorNote(
              WorkflowError.Code.EVENT_TIMEOUT,
              "event " + event + " did not come in time",
              key,
              true);
      execution.writes().record(ended(waiting, Status.FAILED, null, note));
      throw WorkflowError.of(note);
    }
    return taken(waiting, arrival, type);
  }

  private <T> T taken(Entry waiting, Ledger.Arrival arrival, Class<T> type) {
    try {
      var payload = execution.tools().payloads().event(waiting.key(), arrival.payload(), type);
      execution
          .writes()
          .record(ended(waiting, Status.DONE, arrival.payload(), null), arrival.number());
      return payload;
    } catch (WorkflowError misfit) {
      execution
          .writes()
          .record(ended(waiting, Status.FAILED, null, misfit.note()), arrival.number());
      throw misfit;
    }
  }

  /** Waits for an arrival; null when its time was over first. */
  private Ledger.@Nullable Arrival arrival(Waiting wait, @Nullable Entry entry) {
    var name = String.valueOf(wait.arrival());
    var unrecorded = entry;
    while (true) {
      var arrival = execution.stillness().take(name);
      var until = wait.until();
      if (arrival != null || (until != null && !execution.now().isBefore(until))) {
        return arrival;
      }
      var first = unrecorded;
      var _ =
          execution
              .stillness()
              .await(
                  wait,
                  first,
                  () -> {
                    if (first != null) {
                      execution.writes().record(first);
                    }
                  });
      unrecorded = null; // another branch may have taken what came
    }
  }

  /** Runs a child to its end; gives its output. */
  @Nullable Object child(Position at, String key, Definition definition, @Nullable Object params) {
    var tools = execution.tools();
    var recorded = execution.recall(at, Kind.CHILD, key);
    if (recorded != null && recorded.status() == Status.FAILED) {
      throw WorkflowError.of(StepCall.error(recorded));
    }
    if (recorded != null && recorded.status() == Status.DONE) {
      return tools
          .payloads()
          .childResult(key, String.valueOf(recorded.result()), definition.result());
    }
    var waiting = recorded == null ? begin(at, key, definition, params) : recorded;
    var id = String.valueOf(waiting.result());
    var arrival = arrival(new Waiting.Child(definition.type(), id), null);
    if (arrival == null) {
      throw new IllegalStateException("a child has no time of its own");
    }
    return finished(waiting, arrival, definition);
  }

  private Entry begin(Position at, String key, Definition definition, @Nullable Object params) {
    var tools = execution.tools();
    var id = tools.ids().next().toString();
    var waiting = waiting(at, Kind.CHILD, key, id, null, execution.now());
    var child =
        new Ledger.NewRun(
            definition.type(),
            id,
            definition.version(),
            execution.claim().principal(),
            tools.payloads().keep(key, params).json(),
            definition.priority(params),
            execution.claim().run());
    execution.recordChild(waiting, child);
    return waiting;
  }

  private @Nullable Object finished(Entry waiting, Ledger.Arrival arrival, Definition definition) {
    var payloads = execution.tools().payloads();
    if (arrival.failed()) {
      var why = payloads.own(arrival.payload(), ErrorNote.class);
      var note =
          new ErrorNote(
              WorkflowError.Code.CHILD_FAILED,
              "child " + waiting.key() + " failed: " + why.message(),
              waiting.key(),
              true);
      execution.writes().record(ended(waiting, Status.FAILED, null, note), arrival.number());
      throw WorkflowError.of(note);
    }
    execution
        .writes()
        .record(ended(waiting, Status.DONE, arrival.payload(), null), arrival.number());
    return payloads.childResult(waiting.key(), arrival.payload(), definition.result());
  }

  private static Entry waiting(
      Position at,
      Kind kind,
      String key,
      @Nullable String result,
      @Nullable Instant until,
      Instant startedAt) {
    return new Entry(at, kind, key, Status.WAITING, 0, result, null, null, until, startedAt, null);
  }

  private Entry ended(
      Entry waiting, Status status, @Nullable String result, @Nullable ErrorNote error) {
    return new Entry(
        waiting.at(),
        waiting.kind(),
        waiting.key(),
        status,
        0,
        result,
        null,
        error,
        waiting.dueAt(),
        waiting.startedAt(),
        execution.now());
  }
}
