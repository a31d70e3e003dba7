package dev.sallyport.data.workflow;

import dev.sallyport.data.platform.Tx;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * What the code of a workflow asks for what must last. Every call has a name, which is recorded:
 * the same name again becomes {@code name#2}. A call that finds its result in the journal gives it
 * and does nothing else.
 *
 * <p>When a call returns, its result is on its way to the database; the next one that has an effect
 * outside waits until it is there. Confined to the thread it was given to: a branch of {@link #all}
 * uses its own.
 *
 * <p>Do not catch {@link Error} around calls: a run that leaves memory to wait does so by one.
 */
public interface Run {
  /** How long {@link #waitFor(String, Class)} waits. */
  Duration EVENT_TIMEOUT = Duration.ofHours(24);

  /** The run's id, unique within its type. */
  String id();

  /** Counts from 1; each restart begins a new one. */
  int generation();

  /** Who started it: a user's id, or what a service gave. */
  String principal();

  /**
   * Does something once, recording the result: with {@link Retry#DEFAULT}.
   *
   * @throws WorkflowError {@code STEP_FAILED} when the last attempt failed
   */
  default <T extends @Nullable Object> T step(String name, Callable<T> body) {
    return step(name, Retry.DEFAULT, body);
  }

  /**
   * Does something once, recording the result. A crash in the middle makes another attempt, so give
   * {@link #idempotencyKey} to whatever is called.
   *
   * @param body its result is anything that JSON can hold and be read back from: a record, a
   *     number, a list of one of these and so on, at most 1 MiB
   * @throws WorkflowError {@code STEP_FAILED} when the last attempt failed, {@code UNSERIALIZABLE},
   *     {@code TOO_LARGE}
   */
  <T extends @Nullable Object> T step(String name, Retry retry, Callable<T> body);

  /**
   * The same, with what takes it back should the run fail later or ask for {@link #rollback}.
   *
   * @param undo gets the step's result; is a step itself, named {@code undo name}
   */
  <T extends @Nullable Object> T step(String name, Retry retry, Callable<T> body, Undo<T> undo);

  /** What takes a step back. */
  @FunctionalInterface
  interface Undo<T extends @Nullable Object> {
    void undo(T result) throws Exception;
  }

  /**
   * What the step that is running here may give to others to recognise a repeated attempt: the same
   * in every attempt, different for every step, run and generation.
   *
   * @throws IllegalStateException outside a step
   */
  String idempotencyKey();

  /**
   * Which attempt of the step this is, from 1.
   *
   * @throws IllegalStateException outside a step
   */
  int attempt();

  /**
   * Writes rows and records the result in one commit: exactly once.
   *
   * @throws WorkflowError {@code STEP_FAILED} when the last attempt failed
   */
  <T extends @Nullable Object> T transaction(String name, InTransaction<T> body);

  /** The part of a workflow that writes rows. */
  @FunctionalInterface
  interface InTransaction<T extends @Nullable Object> {
    T run(Tx tx) throws Exception;
  }

  /** Waits without costing memory. */
  void sleep(String name, Duration time);

  /** Waits until this moment of the database's clock; not at all when it has passed. */
  void sleepUntil(String name, Instant moment);

  /** Waits for an event for {@link #EVENT_TIMEOUT}. */
  default <T> T waitFor(String event, Class<T> type) {
    return waitFor(event, type, EVENT_TIMEOUT);
  }

  /**
   * Waits for an event of this name, or takes the first that came before it was waited for. Use
   * {@code Object} for whatever comes.
   *
   * @throws WorkflowError {@code EVENT_TIMEOUT}
   */
  <T> T waitFor(String event, Class<T> type, Duration timeout);

  /**
   * Runs another workflow to its end, as a run of its own that belongs to this one: ending or
   * restarting this one terminates it.
   *
   * @throws WorkflowError {@code CHILD_FAILED}
   */
  <P extends @Nullable Object, R extends @Nullable Object> R child(
      String name, Class<? extends Workflow<P, R>> workflow, P params);

  /**
   * Runs parts side by side, each on a thread of its own, and gives their results in order. When
   * some fail the others go on to their end first; then the first failure is thrown.
   *
   * @param branches at most 100
   */
  <T extends @Nullable Object> List<T> all(List<? extends Branch<T>> branches);

  /** One part of {@link #all}. */
  @FunctionalInterface
  interface Branch<T extends @Nullable Object> {
    T run(Run branch) throws Exception;
  }

  /**
   * Whether this run first came here when the code had this change already: {@code if
   * (run.since("fee")) new code; else old code}. Runs that are past the place by then stay with the
   * old code.
   */
  boolean since(String change);

  /** Undoes, in reverse, every step done so far that says how. Undone steps stay undone. */
  void rollback();
}
