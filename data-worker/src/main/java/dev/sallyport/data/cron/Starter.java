package dev.sallyport.data.cron;

import com.fasterxml.jackson.databind.util.RawValue;
import dev.sallyport.data.platform.Tx;
import dev.sallyport.data.queue.Messages;
import dev.sallyport.data.queue.NewMessage;
import dev.sallyport.data.workflow.Workflows;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;

/** Starts what schedules are for, as part of a transaction. Thread-safe; blocks. */
@Singleton
class Starter {
  private final Workflows workflows;
  private final Messages messages;

  @Inject
  Starter(Workflows workflows, Messages messages) {
    this.workflows = workflows;
    this.messages = messages;
  }

  /** The id of a run or message: of a schedule and a time there is one. */
  static String id(String schedule, Instant dueAt) {
    return schedule + ":" + dueAt;
  }

  /** Whose runs and messages they are. */
  private static String principal(String schedule) {
    return "schedule:" + schedule;
  }

  /** How a fire begins. */
  static FireStatus begun(Target target) {
    return switch (target) {
      case Target.Workflow _ -> FireStatus.STARTED;
      case Target.Queue _ -> FireStatus.SENT;
      case Target.Job _ -> FireStatus.QUEUED;
    };
  }

  /**
   * Starts it; a job is taken by some worker once the transaction has committed.
   *
   * @throws IllegalArgumentException when it cannot be started and nothing was written
   */
  void start(Tx tx, String schedule, Instant dueAt, Target target) {
    var id = id(schedule, dueAt);
    switch (target) {
      case Target.Workflow(var type, var params) ->
          workflows.startOnce(tx, type, id, principal(schedule), params);
      case Target.Queue(var name, var body, var key) -> {
        var message = NewMessage.of(name, new RawValue(body), principal(schedule)).id(id);
        messages.send(tx, key == null ? message : message.key(key));
      }
      case Target.Job _ -> {}
    }
  }

  /** Whether the run that a schedule started last has not ended yet. */
  boolean isGoing(Tx tx, Target target, String lastRun) {
    return target instanceof Target.Workflow(var type, var _)
        && workflows.isGoing(tx, type, lastRun);
  }
}
