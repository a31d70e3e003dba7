package dev.sallyport.data.cron;

import dev.sallyport.data.platform.Tx;
import dev.sallyport.data.queue.Queues;
import dev.sallyport.data.workflow.Workflows;
import dev.sallyport.model.Problem.FieldError;
import dev.sallyport.model.QueuedMessage;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is wrong with a schedule, field by field. Thread-safe; blocks. */
@Singleton
class Checks {
  static final int PARAMS_BYTES_MAX = 128 * 1024;
  private static final int ZONE_LENGTH_MAX = 64;

  private final Workflows workflows;
  private final Queues queues;
  private final Jobs jobs;
  private final ScheduleSql sql;

  @Inject
  Checks(Workflows workflows, Queues queues, Jobs jobs, ScheduleSql sql) {
    this.workflows = workflows;
    this.queues = queues;
    this.jobs = jobs;
    this.sql = sql;
  }

  /** Whether this is a name of the time zone database, rather than an offset. */
  static boolean isZone(String name) {
    return name.length() <= ZONE_LENGTH_MAX && ZoneId.getAvailableZoneIds().contains(name);
  }

  /** Nothing when all is well. */
  List<FieldError> of(Tx tx, String name, Schedule schedule) {
    var errors = new ArrayList<FieldError>();
    if (!Schedules.isName(name)) {
      return List.of(new FieldError("name", Schedules.NAME_FORM));
    }
    if (schedule.timing() instanceof Timing.At(var moment)
        && moment.isBefore(sql.now(tx).minus(Schedules.PAST_MAX))
        && !isTimingOf(tx, name, schedule.timing())) {
      errors.add(new FieldError("at", "is in the past"));
    }
    target(schedule).ifPresent(errors::add);
    return errors;
  }

  /** One that has fired may be written again as it is. */
  private boolean isTimingOf(Tx tx, String name, Timing timing) {
    return sql.find(tx, name).filter(row -> row.schedule().timing().equals(timing)).isPresent();
  }

  private Optional<FieldError> target(Schedule schedule) {
    return switch (schedule.target()) {
      case Target.Workflow(var type, var params) ->
          workflows.types().contains(type)
              ? tooLong("target.params", params)
                  .or(() -> workflows.misfit(type, "target.params", params))
              : error("target.workflow", "is no workflow of this worker");
      case Target.Queue(var name, var body, var key) -> queue(schedule, name, body, key);
      case Target.Job(var name, var params) ->
          jobs.find(name).isPresent()
              ? tooLong("target.params", params)
              : error("target.job", "is no job of this worker");
    };
  }

  private Optional<FieldError> queue(
      Schedule schedule, String name, String body, @Nullable String key) {
    if (!queues.names().contains(name)) {
      return error("target.queue", "is no queue of this worker");
    }
    if (key != null && (key.isEmpty() || key.length() > QueuedMessage.KEY_CHARS_MAX)) {
      return error("target.key", "has 1 to " + QueuedMessage.KEY_CHARS_MAX + " characters");
    }
    if (schedule.overlap() == Overlap.WAIT) {
      return error("overlap", "waits for nothing: a message is sent at once");
    }
    return tooLong("target.body", body);
  }

  private static Optional<FieldError> tooLong(String field, String json) {
    return json.getBytes(StandardCharsets.UTF_8).length > PARAMS_BYTES_MAX
        ? error(field, "has more than " + PARAMS_BYTES_MAX + " bytes")
        : Optional.empty();
  }

  private static Optional<FieldError> error(String field, String message) {
    return Optional.of(new FieldError(field, message));
  }
}
