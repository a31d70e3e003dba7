package dev.sallyport.data.cache;

import java.time.Duration;

/** A stored value and how old it is. Immutable. */
record Aged(Entry entry, Duration age) {
  /** How far a value has aged. */
  enum Phase {
    FRESH,
    /** Served, while a new one is loaded. */
    STALE,
    /** Served only if the loader fails. */
    OLD,
    /** Not served. */
    GONE
  }

  /** What the hot tier gave, if that is a value at all. */
  static Aged of(Entry entry, HotTier.Found found) {
    var here = entry.keep().minus(found.left());
    return new Aged(entry, entry.age().plus(here.isNegative() ? Duration.ZERO : here));
  }

  Phase phase(CacheOptions options) {
    if (age.compareTo(entry.fresh()) < 0) {
      return Phase.FRESH;
    }
    if (entry.absent()) {
      return Phase.GONE;
    }
    if (age.compareTo(entry.fresh().plus(options.staleFor())) < 0) {
      return Phase.STALE;
    }
    return age.compareTo(options.keepFor()) < 0 ? Phase.OLD : Phase.GONE;
  }
}
