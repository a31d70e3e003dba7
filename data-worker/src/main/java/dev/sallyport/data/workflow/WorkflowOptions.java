package dev.sallyport.data.workflow;

import dev.sallyport.data.binding.Access;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What holds for all runs of one workflow. Immutable; each method gives a changed copy.
 *
 * @param type how clients call it; empty for the class's name in lower case with dashes
 * @param version which version of the code this is. A run stays with the one it began with; new
 *     runs begin with the highest that is deployed
 * @param access who may start it over HTTP
 * @param concurrency how many runs may execute at once over all workers; waiting ones do not count
 * @param startRate how many runs may begin in a time, over all workers
 * @param retention how long a finished run is kept
 * @param events what clients may send: a payload that does not fit its class is refused at the
 *     door. Others are taken as they are and must fit when they are waited for
 */
public record WorkflowOptions(
    Optional<String> type,
    int version,
    Access access,
    OptionalInt concurrency,
    Optional<Rate> startRate,
    Duration retention,
    Map<String, Class<?>> events) {
  public static final WorkflowOptions DEFAULT =
      new WorkflowOptions(
          Optional.empty(),
          1,
          Access.nobody(),
          OptionalInt.empty(),
          Optional.empty(),
          Duration.ofDays(30),
          Map.of());

  /**
   * At most {@code count} starts in any {@code per}, evenly spread, with bursts of up to {@code
   * count}.
   */
  public record Rate(int count, Duration per) {
    public Rate {
      if (count < 1 || !per.isPositive()) {
        throw new IllegalArgumentException("a rate is at least one start in a positive time");
      }
    }
  }

  public WorkflowOptions {
    events = Map.copyOf(events);
    if (version < 1) {
      throw new IllegalArgumentException("versions count from 1, not " + version);
    }
    if (concurrency.isPresent() && concurrency.getAsInt() < 1) {
      throw new IllegalArgumentException("a concurrency below 1 would never run anything");
    }
    if (retention.isNegative()) {
      throw new IllegalArgumentException("a retention cannot be negative");
    }
  }

  public WorkflowOptions type(String name) {
    return new WorkflowOptions(
        Optional.of(name), version, access, concurrency, startRate, retention, events);
  }

  public WorkflowOptions version(int number) {
    return new WorkflowOptions(type, number, access, concurrency, startRate, retention, events);
  }

  public WorkflowOptions access(Access who) {
    return new WorkflowOptions(type, version, who, concurrency, startRate, retention, events);
  }

  public WorkflowOptions concurrency(int limit) {
    return new WorkflowOptions(
        type, version, access, OptionalInt.of(limit), startRate, retention, events);
  }

  public WorkflowOptions startRate(int count, Duration per) {
    return new WorkflowOptions(
        type, version, access, concurrency, Optional.of(new Rate(count, per)), retention, events);
  }

  public WorkflowOptions retention(Duration time) {
    return new WorkflowOptions(type, version, access, concurrency, startRate, time, events);
  }

  /** Declares what the events of these names carry. */
  public WorkflowOptions events(Map<String, Class<?>> classes) {
    return new WorkflowOptions(type, version, access, concurrency, startRate, retention, classes);
  }
}
