package dev.sallyport.data.cron;

/**
 * Something that is done at certain times. A CDI bean ({@code @ApplicationScoped}) that implements
 * this is all there is to register: {@link Cron} on the class says when it runs. One without it
 * runs when a schedule that was made while the workers run names it.
 */
public interface ScheduledJob {
  /**
   * Does it once. Runs on a virtual thread of one worker and may block. When it throws, takes
   * longer than {@link JobOptions#timeout}, or its worker dies, it is tried again, up to {@link
   * JobOptions#attempts}; so what it does to our own tables belongs into {@link Fire#done(Effect)},
   * which happens once.
   *
   * @throws Exception is the reason why this attempt failed; kept in the history
   */
  void run(Fire fire) throws Exception;

  /** Whether this worker offers the job at all; read once, at the start of the worker. */
  default boolean enabled() {
    return true;
  }

  /** What holds for this job; read once, at the start of the worker. */
  default JobOptions options() {
    return JobOptions.DEFAULT;
  }
}
