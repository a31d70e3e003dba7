/**
 * Schedules: what is done at certain times, exactly once over all workers.
 *
 * <p>For those who write one: a {@link dev.sallyport.data.cron.ScheduledJob} with {@link
 * dev.sallyport.data.cron.Cron} on it, or {@link dev.sallyport.data.cron.Schedules} for schedules
 * that come and go while the workers run.
 *
 * <p>For those who read it, in this order: {@link dev.sallyport.data.cron.Timing} says when a
 * schedule is due and {@link dev.sallyport.data.cron.Plan} what is to be done about it now, both
 * pure; {@link dev.sallyport.data.cron.Firing} does it, in one transaction for many schedules,
 * {@link dev.sallyport.data.cron.JobRuns} executes jobs, and {@link dev.sallyport.data.cron.Upkeep}
 * looks after what workers that died have left. {@link dev.sallyport.data.cron.Life} has their
 * threads, which are virtual.
 *
 * <p>Every time is the clock of Postgres. Where that is away nothing fires; afterwards each
 * schedule's {@link dev.sallyport.data.cron.Missed} says what becomes of the times between.
 */
@NullMarked
package dev.sallyport.data.cron;

import org.jspecify.annotations.NullMarked;
