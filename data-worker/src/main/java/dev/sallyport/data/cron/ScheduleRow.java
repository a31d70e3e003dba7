package dev.sallyport.data.cron;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A schedule as it is in Postgres. Immutable.
 *
 * @param declared whether a bean says so
 * @param dueAt for when it is due next; null for never
 * @param lastRun the run of a workflow that it started last
 * @param now the clock of Postgres when it was read
 */
record ScheduleRow(
    long pk,
    String name,
    boolean declared,
    Schedule schedule,
    @Nullable Instant dueAt,
    @Nullable Instant pausedAt,
    @Nullable String lastRun,
    Instant createdAt,
    Instant updatedAt,
    Instant now) {}
