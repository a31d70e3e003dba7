package dev.sallyport.data.cron;

import java.time.Duration;
import java.time.Instant;

/**
 * By how much a fire comes later than it is due: anything up to the schedule's bound, and the same
 * whoever asks. Pure.
 */
final class Jitter {
  private Jitter() {}

  static Duration of(Schedule schedule, String name, Instant dueAt) {
    long bound = schedule.jitter().toMillis();
    if (bound == 0) {
      return Duration.ZERO;
    }
    // Neighbours in time or name must not be neighbours in jitter: the finalizer of MurmurHash3.
    long mixed = dueAt.toEpochMilli() * 31 + name.hashCode();
    mixed = (mixed ^ (mixed >>> 33)) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return Duration.ofMillis(Math.floorMod(mixed ^ (mixed >>> 33), bound + 1));
  }
}
