package dev.sallyport.data.workflow;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs as clients see them. Written by hand because parameters, results and errors are JSON already
 * and go out as they were kept. What is absent is left out. Pure.
 */
final class RunView {
  private static final JsonStringEncoder ENCODER = JsonStringEncoder.getInstance();

  private RunView() {}

  /**
   * A run with its steps.
   *
   * @param waitingFor JSON, or null when it waits for nothing
   */
  static String whole(RunRow run, @Nullable String waitingFor, List<StepRow> steps) {
    var json = new StringBuilder(512 + run.params().length() + 256 * steps.size());
    head(json, run);
    raw(json, "params", run.params());
    outcome(json, run, waitingFor);
    json.append(",\"steps\":[");
    for (int i = 0; i < steps.size(); i++) {
      if (i > 0) {
        json.append(',');
      }
      step(json, steps.get(i));
    }
    return json.append("]}").toString();
  }

  /** A run without its steps. */
  static String alone(RunRow run, @Nullable String waitingFor) {
    var json = new StringBuilder(512 + run.params().length());
    head(json, run);
    raw(json, "params", run.params());
    outcome(json, run, waitingFor);
    return json.append('}').toString();
  }

  /** A run among others: without its steps, parameters and output, which are up to 1 MiB each. */
  static void item(StringBuilder json, RunRow run) {
    head(json, run);
    raw(json, "error", run.error());
    json.append('}');
  }

  private static void head(StringBuilder json, RunRow run) {
    json.append("{\"id\":");
    string(json, run.id());
    json.append(",\"type\":");
    string(json, run.type());
    json.append(",\"version\":").append(run.version());
    json.append(",\"status\":\"").append(run.status().wire());
    json.append("\",\"createdAt\":\"").append(run.createdAt());
    json.append("\",\"updatedAt\":\"").append(run.updatedAt()).append('"');
  }

  private static void outcome(StringBuilder json, RunRow run, @Nullable String waitingFor) {
    raw(json, "output", run.output());
    raw(json, "error", run.error());
    raw(json, "waitingFor", waitingFor);
  }

  static String step(StepRow step) {
    var json = new StringBuilder(256 + (step.output() == null ? 0 : step.output().length()));
    step(json, step);
    return json.toString();
  }

  private static void step(StringBuilder json, StepRow step) {
    json.append("{\"name\":");
    string(json, step.name());
    json.append(",\"kind\":\"").append(step.kind().wire()).append('"');
    if (!step.branch().isEmpty()) {
      json.append(",\"branch\":");
      string(json, step.branch());
    }
    json.append(",\"status\":\"").append(step.status().wire());
    json.append("\",\"attempts\":").append(step.attempts());
    json.append(",\"startedAt\":\"").append(step.startedAt()).append('"');
    if (step.endedAt() != null) {
      json.append(",\"endedAt\":\"").append(step.endedAt()).append('"');
    }
    raw(json, "output", step.output());
    if (step.outputOmitted()) {
      json.append(",\"outputOmitted\":true");
    }
    raw(json, "error", step.error());
    json.append('}');
  }

  /** {@code {code,message,step?,retryable}}. */
  static String error(ErrorNote error) {
    var json = new StringBuilder(64 + error.message().length());
    json.append("{\"code\":\"").append(error.code().wire()).append("\",\"message\":");
    string(json, error.message());
    if (error.step() != null) {
      json.append(",\"step\":");
      string(json, error.step());
    }
    return json.append(",\"retryable\":").append(error.retryable()).append('}').toString();
  }

  private static void raw(StringBuilder json, String name, @Nullable String value) {
    if (value != null) {
      json.append(",\"").append(name).append("\":").append(value);
    }
  }

  static void string(StringBuilder json, String value) {
    json.append('"');
    ENCODER.quoteAsString(value, json);
    json.append('"');
  }
}
