package dev.sallyport.data.workflow;

import dev.sallyport.model.UuidV7;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.function.Function;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * What every execution works with. Immutable.
 *
 * @param clock gives a clock that goes on from a moment of the database's
 * @param nanoTime for intervals
 * @param random for jitter
 * @param isHeld whether this worker may still act under an incarnation
 * @param entriesMax how many entries a journal may have
 */
record Tools(
    Ledger ledger,
    Payloads payloads,
    Registry registry,
    UuidV7 ids,
    Function<Instant, InstantSource> clock,
    LongSupplier nanoTime,
    RandomGenerator random,
    LongPredicate isHeld,
    int entriesMax) {
  /** design.md has no number: enough for a step a minute over a week. */
  static final int ENTRIES_MAX = 10_000;

  InstantSource clockFrom(Instant moment) {
    return clock.apply(moment);
  }

  /** A clock that follows the machine's intervals, not its time of day; as fine as Postgres's. */
  static Function<Instant, InstantSource> following(LongSupplier nanoTime) {
    return moment -> {
      long start = nanoTime.getAsLong();
      return () -> moment.plusNanos(nanoTime.getAsLong() - start).truncatedTo(ChronoUnit.MICROS);
    };
  }
}
