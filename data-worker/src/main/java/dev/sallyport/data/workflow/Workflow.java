package dev.sallyport.data.workflow;

/**
 * A kind of durable work. A CDI bean ({@code @ApplicationScoped}) that implements this is all there
 * is to register; its type is the class's name in lower case with dashes unless {@link #options}
 * says another.
 *
 * <p>The code must do the same again when it is run again with the same results of its steps: all
 * that reads a clock, a random number, a table or the network belongs inside a step. Code between
 * the steps may run many times, on several workers.
 *
 * @param <P> parameters: a record, or any class that JSON is read into; {@code Void} for none
 * @param <R> result, as JSON at most 1 MiB
 */
public interface Workflow<P, R> {
  /** The priority of runs whose workflow does not say. */
  int USUAL_PRIORITY = 5;

  /**
   * The work. Runs on a virtual thread and may block; never called by two threads for one run.
   *
   * @throws Exception ends the run as {@code errored}, after the undo handlers of its steps ran
   */
  R run(Run run, P params) throws Exception;

  /** Whether this worker offers it at all; read once, at the start of the worker. */
  default boolean enabled() {
    return true;
  }

  /**
   * Which of the queued runs of this type begin first: those with 0, then 1, and so on to 9. Asked
   * when a run is made. A lower priority waits for as long as a higher one is queued.
   */
  default int priority(P params) {
    return USUAL_PRIORITY;
  }

  /** What holds for all runs of this type; read once, at the start of the worker. */
  default WorkflowOptions options() {
    return WorkflowOptions.DEFAULT;
  }
}
