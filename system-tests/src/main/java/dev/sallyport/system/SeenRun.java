package dev.sallyport.system;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What was seen of one run over time: what a step gave, and how the run ended, never changes.
 * Confined to one thread.
 */
final class SeenRun {
  private static final Set<String> FINISHED = Set.of("complete", "errored", "terminated");

  private final String id;
  private final Violations violations;
  private final Map<String, String> outputs = new HashMap<>();
  private String end = "";

  SeenRun(String id, Violations violations) {
    this.id = id;
    this.violations = violations;
  }

  static boolean isFinished(JsonNode run) {
    return FINISHED.contains(run.path("status").asText());
  }

  /** What tells a step from the others of its run. */
  static String key(JsonNode step) {
    return step.path("branch").asText() + " " + step.path("name").asText();
  }

  /** Compares an answer with those before it. */
  void look(JsonNode run) {
    for (var step : run.path("steps")) {
      if (step.path("status").asText().equals("done")) {
        same(key(step), step.path("output").toString());
      }
    }
    if (isFinished(run)) {
      var now = run.path("status") + " " + run.path("output") + " " + run.path("error");
      if (!end.isEmpty() && !end.equals(now)) {
        violations.add("run " + id + " had ended as " + end + " and is now " + now);
      }
      end = now;
    } else if (!end.isEmpty()) {
      violations.add("run " + id + " had ended as " + end + " and goes on: " + run.path("status"));
    }
  }

  private void same(String step, String output) {
    var before = outputs.putIfAbsent(step, output);
    if (before != null && !before.equals(output)) {
      violations.add("step " + step + " of run " + id + " gave " + before + " and now " + output);
    }
  }
}
