package dev.sallyport.data.workflow;

import java.util.Locale;

/** Where a run is in its life. */
enum RunStatus {
  /** Ready for a worker. */
  QUEUED,
  /** A worker executes it. */
  RUNNING,
  /** For a time, an event or a child, in no worker's memory. */
  WAITING,
  /** Until it is resumed. */
  PAUSED,
  COMPLETE,
  ERRORED,
  TERMINATED;

  /** Whether nothing happens to it any more, unless it is restarted or retried. */
  boolean isFinished() {
    return switch (this) {
      case QUEUED, RUNNING, WAITING, PAUSED -> false;
      case COMPLETE, ERRORED, TERMINATED -> true;
    };
  }

  /** Its name in JSON and in the database. */
  String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @throws IllegalArgumentException when there is none of this name
   */
  static RunStatus ofWire(String wire) {
    return valueOf(wire.toUpperCase(Locale.ROOT));
  }
}
