package dev.sallyport.data.workflow;

import java.time.Duration;

/**
 * How many runs of a type may begin now: the generic cell rate algorithm (ITU-T I.371), whose one
 * state is how far starts are ahead of an even rate. A burst may be ahead by the whole period.
 */
final class Rates {
  private Rates() {}

  /**
   * Starts that are allowed now.
   *
   * @param ahead how far earlier starts are ahead of the rate; not negative
   */
  static long allowed(Definition definition, Duration ahead) {
    return definition
        .options()
        .startRate()
        .map(rate -> {
          var left = rate.per().minus(ahead);
          return left.isNegative() ? 0L : left.dividedBy(rate.per().dividedBy(rate.count()));
        })
        .orElse(Long.MAX_VALUE);
  }

  /** How far so many starts bring it ahead. */
  static Duration cost(Definition definition, int starts) {
    return definition
        .options()
        .startRate()
        .map(rate -> rate.per().dividedBy(rate.count()).multipliedBy(starts))
        .orElse(Duration.ZERO);
  }
}
