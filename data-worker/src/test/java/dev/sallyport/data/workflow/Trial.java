package dev.sallyport.data.workflow;

import dev.sallyport.data.binding.Access;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A workflow for tests: does what its parameters say. What its steps did is in {@link #did},
 * attempts that were in vain included.
 */
@ApplicationScoped
class Trial implements Workflow<Trial.Plan, List<String>> {
  private final Map<String, Queue<String>> did = new ConcurrentHashMap<>();

  /** What to do, one after the other: {@code step:name}, {@code sleep:ms}, {@code wait:event}… */
  record Plan(List<String> acts) {
    Plan {
      acts = List.copyOf(acts);
    }
  }

  Queue<String> did(String run) {
    return did.computeIfAbsent(run, first -> new ConcurrentLinkedQueue<>());
  }

  @Override
  public WorkflowOptions options() {
    return WorkflowOptions.DEFAULT.access(Access.users());
  }

  @Override
  public List<String> run(Run run, Plan plan) {
    var log = did(run.id());
    var results = new java.util.ArrayList<String>();
    for (var act : plan.acts()) {
      var parts = act.split(":", 2);
      results.add(act(run, log, parts[0], parts.length > 1 ? parts[1] : ""));
    }
    return results;
  }

  private String act(Run run, Queue<String> log, String what, String with) {
    return switch (what) {
      case "step" ->
          run.step(
              with,
              Retry.upTo(3).fixed(Duration.ofMillis(50)),
              () -> {
                log.add(with + "@" + run.attempt());
                return with;
              });
      case "fail" ->
          run.step(
              with,
              Retry.upTo(2).fixed(Duration.ofMillis(20)),
              () -> {
                log.add(with + "@" + run.attempt());
                throw new IllegalStateException("no " + with);
              });
      case "flaky" ->
          run.step(
              with,
              Retry.upTo(3).fixed(Duration.ofMillis(20)),
              () -> {
                log.add(with + "@" + run.attempt());
                if (run.attempt() < 3) {
                  throw new IllegalStateException("not yet");
                }
                return with;
              });
      case "undoable" ->
          run.step(
              with,
              Retry.NEVER,
              () -> {
                log.add(with);
                return with;
              },
              done -> log.add("undo " + done));
      case "sleep" -> {
        run.sleep("pause", Duration.ofMillis(Long.parseLong(with)));
        yield "slept";
      }
      case "wait" -> String.valueOf(run.waitFor(with, Object.class, Duration.ofSeconds(20)));
      case "child" ->
          String.valueOf(run.child("kid", Trial.class, new Plan(List.of("step:" + with))));
      case "of" -> String.valueOf(run.child("kid", Trial.class, new Plan(List.of(with))));
      case "all" ->
          run.all(
                  List.of(
                      branch -> branch.step("left", () -> "l"),
                      branch -> {
                        branch.sleep("nap", Duration.ofMillis(100));
                        return branch.step("right", () -> "r");
                      }))
              .toString();
      default -> throw new IllegalArgumentException(what);
    };
  }
}
