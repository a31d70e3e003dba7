package dev.sallyport.data.cron;

/** What happens when a schedule is due while what it started before still goes on. */
public enum Overlap {
  /** Nothing but an entry in the history. */
  SKIP,
  /** It begins when the one before has ended; further ones are skipped. */
  WAIT,
  /** It begins beside it. */
  ALLOW
}
