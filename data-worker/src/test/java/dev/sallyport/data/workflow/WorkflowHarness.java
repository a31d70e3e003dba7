package dev.sallyport.data.workflow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.data.binding.StrictJson;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs workflows in a test: the engine itself over a journal in memory, with a clock that moves by
 * hand. No call returns before all that can be done at that time is done.
 *
 * <pre>{@code
 * var harness = WorkflowHarness.of(new OrderReport(shop)).mock("send", "sent");
 * var run = harness.start(new OrderReport.Params("2026-11"));
 * harness.advance(Duration.ofHours(1));
 * assertThat(run.output(Summary.class)).isEqualTo(new Summary(3));
 * }</pre>
 *
 * <p>Pauses between attempts are never jittered here. Confined to the test's thread.
 */
public final class WorkflowHarness {
  /** A Saturday morning. */
  public static final Instant BEGINNING = Instant.parse("2026-11-21T08:00:00Z");

  private final ObjectMapper mapper = StrictJson.mapper();
  private final List<Workflow<?, ?>> workflows = new ArrayList<>();
  private final List<StartedRun> started = new ArrayList<>();
  private final MemoryWorker worker;

  private WorkflowHarness(MemoryWorker worker) {
    this.worker = worker;
  }

  /** A harness for a workflow, and for those that it starts as children. */
  public static WorkflowHarness of(Workflow<?, ?>... workflows) {
    return new WorkflowHarness(new MemoryWorker()).with(workflows);
  }

  /** Adds workflows; {@link #start(Object)} starts the first of all. */
  public WorkflowHarness with(Workflow<?, ?>... more) {
    workflows.addAll(List.of(more));
    worker.offer(workflows);
    return this;
  }

  // ---- what steps do

  /**
   * Replaces the body of a step, a transaction or an undo.
   *
   * @param step its key: its name, with {@code #2} for the second of that name, or {@code undo} and
   *     a blank before the key of the step that is undone
   */
  public WorkflowHarness mock(String step, @Nullable Object value) {
    worker.script().value(step, value);
    return this;
  }

  /** Lets the first attempts of a step fail, before its body or what replaces it. */
  public WorkflowHarness mockFailure(String step, int times, Exception failure) {
    worker.script().failure(step, times, failure);
    return this;
  }

  /** Lets the next attempt of a step, or the one that is held, take longer than it may. */
  public WorkflowHarness timeOut(String step) {
    worker.timeOut(step);
    return this;
  }

  /** Lets attempts of a step take until {@link #release}, while branches beside it go on. */
  public WorkflowHarness hold(String step) {
    worker.script().hold(step);
    return this;
  }

  public WorkflowHarness release(String step) {
    worker.script().release(step);
    worker.settle();
    return this;
  }

  /** The bodies that were run, as key and attempt, such as {@code add#2@1}; crashes repeat some. */
  public List<String> ran() {
    return worker.script().ran();
  }

  // ---- time

  public Instant now() {
    return worker.now();
  }

  /** Moves the clock, doing on the way all that becomes due, in order of time. */
  public WorkflowHarness advance(Duration time) {
    worker.advance(time);
    return this;
  }

  // ---- runs

  /** Starts a run of the first workflow. */
  public StartedRun start(@Nullable Object params) {
    return start(definition(workflows.getFirst().getClass()), params);
  }

  /** Starts a run of one of several workflows. */
  public <P> StartedRun start(Class<? extends Workflow<P, ?>> workflow, P params) {
    return start(definition(workflow), params);
  }

  private Definition definition(Class<?> workflow) {
    return worker.registry().all().stream()
        .filter(each -> each.workflow().getClass().equals(workflow))
        .findAny()
        .orElseThrow(
            () -> new IllegalArgumentException(workflow.getName() + " is not in this harness"));
  }

  private StartedRun start(Definition definition, @Nullable Object params) {
    var id = "run-" + (started.size() + 1);
    var run = new StartedRun(worker.start(definition, id, json(params)), id);
    started.add(run);
    worker.settle();
    return run;
  }

  /** Runs that were started here, children left out. */
  public List<StartedRun> started() {
    return List.copyOf(started);
  }

  /** Lets the worker die and another take over what it had in memory. */
  public WorkflowHarness crash() {
    worker.crash();
    return this;
  }

  MemoryWorker worker() {
    return worker;
  }

  private String json(@Nullable Object value) {
    try {
      return mapper.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("this cannot be JSON", e);
    }
  }

  /**
   * What a journal has at one place.
   *
   * @param branch empty outside of {@link Run#all}
   * @param result JSON
   */
  public record Step(
      String branch,
      String kind,
      String key,
      String status,
      int attempts,
      @Nullable String result,
      @Nullable String error) {}

  /** A run that a test started. */
  public final class StartedRun {
    private final long pk;
    private final String id;

    private StartedRun(long pk, String id) {
      this.pk = pk;
      this.id = id;
    }

    long pk() {
      return pk;
    }

    MemoryLedger.Seen look() {
      return worker.ledger().look(pk);
    }

    StoredJournal stored() {
      return StoredJournal.of(worker.ledger().made(pk), look(), worker.payloads());
    }

    public String id() {
      return id;
    }

    /** As HTTP shows it, such as {@code complete}. */
    public String status() {
      return look().status().wire();
    }

    /**
     * What it gave.
     *
     * @throws AssertionError when it is not complete
     */
    public <T> T output(Class<T> type) {
      var seen = look();
      if (seen.status() != RunStatus.COMPLETE) {
        throw new AssertionError("the run is " + seen.status().wire() + ": " + why(seen));
      }
      try {
        return mapper.readValue(String.valueOf(seen.output()), type);
      } catch (JsonProcessingException e) {
        throw new AssertionError("the output is no " + type.getName() + ": " + seen.output(), e);
      }
    }

    /**
     * Why it is errored.
     *
     * @throws AssertionError when it is not
     */
    public WorkflowError error() {
      var seen = look();
      if (seen.error() == null) {
        throw new AssertionError("the run is " + seen.status().wire() + ": " + why(seen));
      }
      return WorkflowError.of(seen.error());
    }

    private String why(MemoryLedger.Seen seen) {
      return seen.error() != null
          ? seen.error().message()
          : seen.status() == RunStatus.WAITING ? "for " + seen.waitingFor() : seen.status().wire();
    }

    /** What it waits for, as HTTP shows it: JSON; null when it does not wait. */
    public @Nullable String waitingFor() {
      return look().waitingFor();
    }

    /** Its journal, by branch. */
    public List<Step> steps() {
      return look().entries().stream().map(WorkflowHarness::step).toList();
    }

    /** Keys and states of its journal, such as {@code add#2 done}. */
    public List<String> progress() {
      return steps().stream().map(step -> step.key() + " " + step.status()).toList();
    }

    /** Sends it an event. */
    public StartedRun send(String event, @Nullable Object payload) {
      worker.deliver(pk, event, json(payload));
      return this;
    }

    public StartedRun pause() {
      return take(RunStatus.PAUSED);
    }

    public StartedRun resume() {
      return take(RunStatus.QUEUED);
    }

    public StartedRun terminate() {
      return take(RunStatus.TERMINATED);
    }

    private StartedRun take(RunStatus status) {
      worker.take(pk, status);
      return this;
    }
  }

  private static Step step(Entry entry) {
    var error = entry.error();
    return new Step(
        entry.at().branch(),
        entry.kind().wire(),
        entry.key(),
        entry.status().wire(),
        entry.attempts(),
        entry.result(),
        error == null ? null : error.code().wire() + ": " + error.message());
  }
}
