package dev.sallyport.data.cron;

import io.quarkus.arc.All;
import io.quarkus.arc.InstanceHandle;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Every job that this worker can execute. Immutable once made. */
@Singleton
class Jobs {
  /**
   * A job.
   *
   * @param schedule what its {@link Cron} says; null without one
   */
  record Declared(String name, ScheduledJob job, JobOptions options, @Nullable Schedule schedule) {}

  private final Map<String, Declared> jobs = new TreeMap<>();

  @Inject
  Jobs(@All List<InstanceHandle<ScheduledJob>> beans) {
    for (var handle : beans) {
      var bean = handle.getBean();
      var when =
          bean.getQualifiers().stream()
              .filter(Cron.class::isInstance)
              .map(Cron.class::cast)
              .findFirst();
      if (handle.get().enabled()) {
        add(declared(bean.getBeanClass(), handle.get(), when.orElse(null)));
      }
    }
  }

  /** For tests: jobs that are no beans. */
  Jobs(Map<String, ScheduledJob> plain) {
    plain.forEach((name, job) -> add(new Declared(name, job, job.options(), null)));
  }

  private void add(Declared job) {
    if (jobs.put(job.name(), job) != null) {
      throw new IllegalArgumentException("two jobs are called " + job.name());
    }
  }

  static Declared declared(Class<?> type, ScheduledJob job, @Nullable Cron when) {
    var options = job.options();
    var name = options.name().orElseGet(() -> nameOf(type));
    if (!Schedules.isName(name)) {
      throw new IllegalArgumentException(
          "'" + name + "' is no name for a job: it " + Schedules.NAME_FORM);
    }
    try {
      return new Declared(name, job, options, when == null ? null : schedule(name, when));
    } catch (DateTimeException | IllegalArgumentException e) {
      throw new IllegalArgumentException("@Cron of job " + name + ": " + e.getMessage(), e);
    }
  }

  private static Schedule schedule(String name, Cron when) {
    if (when.value().isEmpty() == when.every().isEmpty()) {
      throw new IllegalArgumentException("either an expression or an interval is given");
    }
    Timing timing =
        when.every().isEmpty()
            ? new Timing.Cron(when.value(), ZoneId.of(when.zone()))
            : new Timing.Every(Duration.parse(when.every()), null);
    return new Schedule(
        timing,
        new Target.Job(name, "null"),
        when.overlap(),
        when.missed(),
        Duration.parse(when.jitter()));
  }

  /** {@code NightlyReport} is {@code nightly-report}. */
  static String nameOf(Class<?> bean) {
    return bean.getSimpleName().replaceAll("(?<=[a-z0-9])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
  }

  Optional<Declared> find(String name) {
    return Optional.ofNullable(jobs.get(name));
  }

  List<Declared> all() {
    return List.copyOf(jobs.values());
  }
}
