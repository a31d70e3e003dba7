package dev.sallyport.data.cron;

import java.util.Locale;

/** What became of a fire. */
enum FireStatus {
  /** A run of a workflow was started. */
  STARTED,
  /** A message was sent. */
  SENT,
  /** For the one before to end. */
  WAITING,
  /** A job, ready for a worker. */
  QUEUED,
  /** A job that a worker executes. */
  RUNNING,
  COMPLETE,
  ERRORED,
  /** The one before had not ended. */
  SKIPPED,
  /** No worker was there in time, or the schedule was paused. */
  MISSED;

  /** Whether nothing happens to it any more. */
  boolean isFinished() {
    return switch (this) {
      case WAITING, QUEUED, RUNNING -> false;
      case STARTED, SENT, COMPLETE, ERRORED, SKIPPED, MISSED -> true;
    };
  }

  /** Its name in JSON and in the database. */
  String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
