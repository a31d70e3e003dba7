package dev.sallyport.system;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One program from its start to its end, driven from outside as a stubborn client would: what is
 * not answered is asked again, at another worker. Confined to one thread.
 */
final class ProgramDrive {
  static final String TYPE = "sample-program";
  private static final Duration AGAIN_AFTER = Duration.ofMillis(200);

  private final Cluster cluster;
  private final Violations violations;
  private final RandomGenerator random;
  private final String id;
  private final List<ProgramOp> ops;
  private final List<Action> actions = new ArrayList<>();
  private final SeenRun seen;
  private boolean acknowledged;
  private boolean terminated;
  private boolean restarted;
  private String last = "never seen";
  private @Nullable JsonNode end;

  /** Something to do to the run, at a time. */
  private record Action(String what, @Nullable String event, long at) {}

  ProgramDrive(Cluster cluster, Violations violations, RandomGenerator random, String id) {
    this.cluster = cluster;
    this.violations = violations;
    this.random = random;
    this.id = id;
    this.ops = RandomProgram.from(random);
    this.seen = new SeenRun(id, violations);
  }

  String id() {
    return id;
  }

  List<ProgramOp> ops() {
    return ops;
  }

  /** Whether its start was answered with success. */
  boolean isAcknowledged() {
    return acknowledged;
  }

  /** Whether anybody asked for it to be terminated. */
  boolean mayBeTerminated() {
    return terminated;
  }

  /** Whether anybody asked for it to begin anew. */
  boolean mayBeRestarted() {
    return restarted;
  }

  /** What was last heard of it, and what was being tried. */
  String last() {
    return last + ", still to be done: " + actions;
  }

  /** The last answer of a run that is over; null before. */
  @Nullable JsonNode end() {
    return end;
  }

  /** Starts it, does to it what chance wants, and waits until it is over or the time is. */
  void run(long untilNanoTime) {
    plan();
    start(untilNanoTime);
    follow(untilNanoTime);
  }

  /** Looks again whether it is over, and helps it on where a late request has changed it. */
  void settle(long untilNanoTime) {
    end = null;
    if (restarted) {
      sendEvents();
    }
    follow(untilNanoTime);
  }

  private void plan() {
    sendEvents();
    int die = random.nextInt(100);
    if (die < 12) {
      plan("pause", 0, 3_000);
    } else if (die < 18) {
      plan("terminate", 0, 4_000);
    } else if (die < 23) {
      plan("restart", 500, 5_000);
    }
  }

  private void sendEvents() {
    for (var event : RandomProgram.events(ops)) {
      long at = System.nanoTime() + Duration.ofMillis(random.nextInt(3_000)).toNanos();
      actions.add(new Action("event", event, at));
    }
  }

  private void plan(String what, int fromMillis, int toMillis) {
    long in = Duration.ofMillis(random.nextInt(fromMillis, toMillis)).toNanos();
    actions.add(new Action(what, null, System.nanoTime() + in));
  }

  private void start(long untilNanoTime) {
    boolean asked = false;
    while (!acknowledged && System.nanoTime() < untilNanoTime) {
      var answer = ask(calls -> calls.start(TYPE, id, Map.of("scope", id, "ops", ops)));
      if (answer == null) {
        asked = true; // it may have been made
      } else if (answer.status() == 201 || (answer.status() == 409 && asked)) {
        acknowledged = true;
      } else if (answer.status() < 500 && answer.status() != 429) {
        violations.add("the start of " + id + " was refused: " + answer);
        return;
      } else {
        asked = true; // 503 and 504 do not say that nothing was done
      }
      if (!acknowledged) {
        LockSupport.parkNanos(AGAIN_AFTER.toNanos());
      }
    }
  }

  private void follow(long untilNanoTime) {
    while (acknowledged && end == null && System.nanoTime() < untilNanoTime) {
      actDue();
      var answer = ask(calls -> calls.get(TYPE, id));
      if (answer != null && answer.status() == 200) {
        look(answer.json());
      } else if (answer != null && answer.status() < 500) {
        violations.add("run " + id + " was started, but now " + answer);
        return;
      }
      LockSupport.parkNanos(Duration.ofMillis(random.nextInt(100, 500)).toNanos());
    }
  }

  private void look(JsonNode run) {
    last = run.toString();
    if (!restarted) {
      seen.look(run);
    }
    if (run.path("status").asText().equals("paused") && !isPlanned("resume")) {
      plan("resume", 200, 1_500);
    }
    if (SeenRun.isFinished(run) && !isPlanned("restart") && !isPlanned("terminate")) {
      end = run;
    }
  }

  private boolean isPlanned(String what) {
    return actions.stream().anyMatch(action -> action.what().equals(what));
  }

  private void actDue() {
    for (var action : List.copyOf(actions)) {
      if (action.at() <= System.nanoTime()) {
        actions.remove(action);
        act(action);
      }
    }
  }

  private void act(Action action) {
    terminated |= action.what().equals("terminate");
    restarted |= action.what().equals("restart");
    var event = action.event();
    var answer =
        ask(calls ->
            event == null
                ? calls.control(TYPE, id, action.what())
                : calls.event(TYPE, id, event, event));
    boolean done = answer != null && (answer.status() < 300 || answer.status() == 409);
    if (!done && answer != null && answer.status() < 500 && answer.status() != 429) {
      violations.add(action.what() + " of run " + id + " was refused: " + answer);
    } else if (!done) {
      long at = System.nanoTime() + AGAIN_AFTER.toNanos();
      actions.add(new Action(action.what(), event, at));
    } else if (action.what().equals("restart")) {
      sendEvents(); // the new generation waits for them anew
    }
  }

  /** A call. */
  private interface Call {
    Answer of(WorkflowCalls calls);
  }

  /** The answer of some worker; null where none came, so that nobody knows what was done. */
  private @Nullable Answer ask(Call call) {
    try {
      var answer = call.of(cluster.any(random).calls);
      if (answer.status() == 500) {
        violations.add("a call about run " + id + " failed: " + answer);
      }
      return answer;
    } catch (UncheckedIOException unanswered) {
      return null;
    }
  }
}
