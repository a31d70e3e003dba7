package dev.sallyport.data.queue;

/** A delivery and what becomes of it. Immutable. */
record Settled(Delivery delivery, Outcome outcome) {
  /** Whether the delivery's id is remembered as its own from now on. */
  boolean takesId() {
    return !(outcome instanceof Outcome.Duplicate || outcome instanceof Outcome.Clash);
  }
}
