package dev.sallyport.data.queue;

import java.time.Duration;

/** What becomes of a delivery. Immutable. */
sealed interface Outcome {
  /** It is handled. */
  record Done() implements Outcome {}

  /** The attempt failed: once more after this time. */
  record Again(Duration after, String reason) implements Outcome {}

  /**
   * A dead letter.
   *
   * @param attempts that were made
   */
  record Dead(String reason, int attempts) implements Outcome {}

  /** To Postgres, not attempted: its turn has not come. */
  record Kept() implements Outcome {}

  /** To Postgres, because it is due later. */
  record Delayed() implements Outcome {}

  /** A copy of one that was taken in before. */
  record Duplicate() implements Outcome {}

  /** Another content under the id of one before: a dead letter, and its id is still the other's. */
  record Clash() implements Outcome {}

  Done DONE = new Done();
  Kept KEPT = new Kept();
  Delayed DELAYED = new Delayed();
  Duplicate DUPLICATE = new Duplicate();
  Clash CLASH = new Clash();
}
