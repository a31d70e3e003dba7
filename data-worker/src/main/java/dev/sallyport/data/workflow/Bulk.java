package dev.sallyport.data.workflow;

import dev.sallyport.data.binding.Caller;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.data.workflow.Controls.Action;
import dev.sallyport.data.workflow.RunListSql.RunKey;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Does one thing to many runs, each in a transaction of its own. Thread-safe; blocks for {@link
 * #TIME_MAX} at the most.
 */
@Singleton
class Bulk {
  /** How many runs one call looks at. */
  static final int MAX = 1000;

  /** The edge gives a call 10 s. */
  static final Duration TIME_MAX = Duration.ofSeconds(7);

  private final RunList list;
  private final RunListSql sql;
  private final RunReader reader;
  private final Controls controls;

  @Inject
  Bulk(RunList list, RunListSql sql, RunReader reader, Controls controls) {
    this.list = list;
    this.sql = sql;
    this.reader = reader;
    this.controls = controls;
  }

  /**
   * What to do, and to which runs.
   *
   * @param action as the path of a single run has it, but not {@code fork}
   * @param ids of runs of {@code type}; not together with the other filters
   * @param dryRun only tells how many it would be
   */
  public record Request(
      @Nullable String action,
      @Nullable String type,
      @Nullable String status,
      @Nullable Instant createdBefore,
      @Nullable Instant createdAfter,
      @Nullable List<String> ids,
      @Nullable Boolean dryRun) {}

  /**
   * What was done.
   *
   * @param matched how many were found, at most {@link #MAX}
   * @param more whether there are others: call again
   */
  public record Result(int matched, int done, List<Failure> failed, boolean more) {}

  /** A run that it was not done to. */
  public record Failure(String type, String id, String reason) {}

  private record Matches(List<RunKey> keys, List<Failure> missing, boolean more) {}

  /** Does it to the newest first. */
  Result run(Caller.User caller, Request request) {
    var action = action(request.action());
    check(request);
    var matches = request.ids() == null ? query(caller, action, request) : named(caller, request);
    if (Boolean.TRUE.equals(request.dryRun())) {
      return new Result(matches.keys().size(), 0, matches.missing(), matches.more());
    }
    var failed = new ArrayList<>(matches.missing());
    long began = System.nanoTime();
    int done = 0;
    for (var key : matches.keys()) {
      if (System.nanoTime() - began > TIME_MAX.toNanos()) {
        return new Result(matches.keys().size(), done, failed, true);
      }
      try {
        controls.act(action, key.type(), key.id());
        done++;
      } catch (Refusal refusal) {
        failed.add(new Failure(key.type(), key.id(), refusal.problem().detail()));
      }
    }
    return new Result(matches.keys().size(), done, failed, matches.more());
  }

  private static Action action(@Nullable String wire) {
    return Arrays.stream(Action.values())
        .filter(action -> action.wire().equals(wire))
        .findAny()
        .orElseThrow(() ->
            StartBody.invalid("action", "is one of pause, resume, terminate, restart, retry"));
  }

  /** Nothing named would be all there is, which nobody should ask for by leaving fields out. */
  private static void check(Request request) {
    boolean others =
        request.status() != null
            || request.createdBefore() != null
            || request.createdAfter() != null;
    var ids = request.ids();
    if (ids == null) {
      if (!others && request.type() == null) {
        throw StartBody.invalid(
            "type", "or status, createdBefore, createdAfter or ids must say which runs");
      }
    } else if (request.type() == null || others) {
      throw StartBody.invalid("ids", "are of one type, and stand with no other field than that");
    } else if (ids.isEmpty() || ids.size() > MAX) {
      throw StartBody.invalid("ids", "are 1 to " + MAX);
    }
  }

  private Matches query(Caller.User caller, Action action, Request request) {
    var statuses =
        request.status() == null
            ? Arrays.stream(RunStatus.values()).filter(action::fits).toList()
            : RunList.statuses(request.status());
    var query =
        new RunListSql.Query(RunList.owner(caller), list.types(caller, request.type()), statuses);
    var keys = Waits.on(sql.keys(query, request.createdAfter(), request.createdBefore(), MAX + 1));
    boolean more = keys.size() > MAX;
    return new Matches(more ? keys.subList(0, MAX) : keys, List.of(), more);
  }

  private Matches named(Caller.User caller, Request request) {
    var type = String.valueOf(request.type());
    var ids = request.ids() == null ? List.<String>of() : request.ids();
    var keys = new ArrayList<RunKey>();
    var missing = new ArrayList<Failure>();
    var there = Waits.on(reader.visible(caller, type, ids));
    for (var id : ids) {
      if (there.contains(id)) {
        keys.add(new RunKey(type, id));
      } else {
        missing.add(new Failure(type, id, "There is no such run."));
      }
    }
    return new Matches(keys, missing, false);
  }
}
