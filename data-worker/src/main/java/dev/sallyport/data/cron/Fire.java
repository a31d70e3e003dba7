package dev.sallyport.data.cron;

import java.time.Instant;

/** One time that a job is to run for. Only for the thread that runs the job. */
public interface Fire {
  /** Which schedule is due. */
  String schedule();

  /** For when it was due; by a person's hand, when that was. The same in each attempt. */
  Instant dueAt();

  /** The same in each attempt, and of no other fire: a key for idempotent calls outside. */
  String id();

  /** Which attempt this is; the first is 1. */
  int attempt();

  /** Whether a person asked for it. */
  boolean manual();

  /** What the schedule gives to the job: JSON, {@code null} where it gives nothing. */
  String params();

  /**
   * The job is done, and this is what it did to our tables: both are committed when this returns,
   * once over all attempts and workers. What follows it is not tried again. A second call is an
   * {@link IllegalStateException}.
   *
   * @throws Exception the effect's own, or why it could not be committed; the attempt has failed
   *     then
   */
  void done(Effect effect) throws Exception;
}
