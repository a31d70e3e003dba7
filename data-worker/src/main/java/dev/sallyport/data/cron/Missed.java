package dev.sallyport.data.cron;

/**
 * What happens to times that no worker was there for, or that came while the schedule was paused. A
 * time counts as missed when it is more than {@link Plan#GRACE} ago.
 */
public enum Missed {
  /** Nothing but an entry in the history. */
  SKIP,
  /** The last of them fires. */
  ONCE,
  /** All of them fire, the last {@value Plan#CATCH_UP_MAX} at the most, the earliest first. */
  ALL
}
