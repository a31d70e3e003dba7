package dev.sallyport.data.cron;

import org.jspecify.annotations.Nullable;

/** What a schedule starts. Immutable. */
public sealed interface Target {
  /**
   * A run of a workflow, of the newest version there is. Its id is made of the schedule and the
   * time, so that there is one.
   *
   * @param params JSON
   */
  record Workflow(String type, String params) implements Target {}

  /**
   * A message to a queue. Its id is made of the schedule and the time.
   *
   * @param body JSON
   * @param key messages with the same one are handled in order; null for none
   */
  record Queue(String name, String body, @Nullable String key) implements Target {}

  /**
   * A {@link ScheduledJob}.
   *
   * @param params JSON, given to it
   */
  record Job(String name, String params) implements Target {}

  /** Which workers can start it: those that have this workflow, queue or job. */
  default String server() {
    return switch (this) {
      case Workflow(var type, var _) -> "workflow " + type;
      case Queue(var name, var _, var _) -> "queue " + name;
      case Job(var name, var _) -> "job " + name;
    };
  }
}
