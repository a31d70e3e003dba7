package dev.sallyport.system;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.local.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * Compares what programs left behind with what they must have done. Reads the database from
 * outside, when all is over. Confined to one thread.
 */
final class ProgramOracle {
  private static final String GENERATION =
      "SELECT generation FROM workflow.run WHERE type = 'sample-program' AND id = ?";
  private static final String COUNTS =
      "SELECT scope, place, count FROM sample.program_count WHERE starts_with(scope, ?)";
  private static final String ATTEMPTS =
      """
      SELECT scope, place, nonce FROM sample.program_attempt
      WHERE starts_with(scope, ?) ORDER BY number
      """;
  private static final String UNFINISHED =
      """
      SELECT id || ' ' || status FROM workflow.run
      WHERE type = 'sample-program' AND status IN ('queued', 'running', 'waiting', 'paused')
      AND ? = ''
      """;

  private final Connection connection;
  private final Violations violations;
  private long counters;

  ProgramOracle(PostgresServer postgres, Violations violations) throws SQLException {
    this.connection = postgres.connect(PostgresServer.DATA_WORKER);
    this.violations = violations;
  }

  /** How many counters were compared. */
  long counters() {
    return counters;
  }

  /** That nothing is left, children included. */
  void nothingIsLeft() throws SQLException {
    for (var row : rows(UNFINISHED, "", 1)) {
      violations.add("left behind: run " + row.getFirst());
    }
  }

  /** That one program did what it must and nothing else. */
  void compare(ProgramDrive drive) throws SQLException {
    var generations = rows(GENERATION, drive.id(), 1);
    if (generations.isEmpty()) {
      if (drive.isAcknowledged()) {
        violations.add("run " + drive.id() + " was acknowledged and is lost");
      }
      return;
    }
    int generation = Integer.parseInt(generations.getFirst().getFirst());
    var end = drive.end();
    if (end == null) {
      violations.add("run " + drive.id() + " is stuck: " + drive.last());
      return;
    }
    var prediction = Prediction.of(drive.id(), generation, drive.ops());
    boolean whole = isAsPredicted(drive, end, prediction);
    compareCounts(drive, prediction, generation, whole);
    var attempts = rows(ATTEMPTS, drive.id() + "#", 3);
    if (whole) {
      compareUndone(prediction, attempts, drive.id() + "#" + generation);
    }
    compareNonces(drive, end, attempts);
  }

  /** Whether it went to its own end rather than being terminated. */
  private boolean isAsPredicted(ProgramDrive drive, JsonNode end, Prediction prediction) {
    var status = end.path("status").asText();
    if (status.equals("terminated") && drive.mayBeTerminated()) {
      return false;
    }
    var predicted =
        prediction.values().isPresent()
            ? "complete " + prediction.values().get()
            : "errored " + prediction.error().orElse("");
    var found =
        status.equals("complete")
            ? "complete " + texts(end.path("output").path("values"))
            : status + " " + end.path("error").path("code").asText();
    if (!found.equals(predicted)) {
      violations.add(
          "run " + drive.id() + " should be " + predicted + " but is " + found + ": " + end);
    }
    return true;
  }

  private static List<String> texts(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asText).toList();
  }

  private void compareCounts(
      ProgramDrive drive, Prediction prediction, int generation, boolean whole)
      throws SQLException {
    var allowed = new HashSet<Prediction.Counter>();
    for (int earlier = 1; earlier < generation; earlier++) {
      allowed.addAll(Prediction.of(drive.id(), earlier, drive.ops()).counted());
    }
    allowed.addAll(prediction.counted());
    var found = new HashSet<Prediction.Counter>();
    for (var row : rows(COUNTS, drive.id() + "#", 3)) {
      var counter = new Prediction.Counter(row.get(0), row.get(1));
      found.add(counter);
      counters++;
      if (!row.get(2).equals("1")) {
        violations.add(counter + " of run " + drive.id() + " counted " + row.get(2));
      }
      if (!allowed.contains(counter)) {
        violations.add(counter + " of run " + drive.id() + " should not have counted");
      }
    }
    if (whole && !found.containsAll(prediction.counted())) {
      var missing = new ArrayList<>(prediction.counted());
      missing.removeAll(found);
      violations.add(missing + " of run " + drive.id() + " did not count");
    }
  }

  /** In reverse order, all that had to be, and nothing else. */
  private void compareUndone(Prediction prediction, List<List<String>> attempts, String scope) {
    var found = new HashMap<String, List<String>>();
    for (var attempt : attempts) {
      boolean ours = (attempt.get(0) + "/").startsWith(scope + "/");
      if (ours && attempt.get(1).startsWith("undo ")) {
        var places = found.computeIfAbsent(attempt.get(0), first -> new ArrayList<>());
        var place = attempt.get(1).substring("undo ".length());
        if (!places.contains(place)) { // an attempt may be repeated
          places.add(place);
        }
      }
    }
    if (!found.equals(prediction.undone())) {
      violations.add("in " + scope + " was undone " + found + ", not " + prediction.undone());
    }
  }

  /** That every result of a step came from an attempt of that step. */
  private void compareNonces(ProgramDrive drive, JsonNode end, List<List<String>> attempts) {
    Map<String, Set<String>> nonces = new HashMap<>();
    for (var attempt : attempts) {
      nonces.computeIfAbsent(attempt.get(1), first -> new HashSet<>()).add(attempt.get(2));
    }
    for (var step : end.path("steps")) {
      var output = step.path("output");
      if (output.has("nonce")
          && !nonces
              .getOrDefault(output.path("value").asText(), Set.of())
              .contains(output.path("nonce").asText())) {
        violations.add("nothing gave this result of run " + drive.id() + ": " + step);
      }
    }
  }

  private List<List<String>> rows(String sql, String value, int columns) throws SQLException {
    var found = new ArrayList<List<String>>();
    try (var statement = connection.prepareStatement(sql)) {
      statement.setString(1, value);
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          var row = new ArrayList<String>();
          for (int column = 1; column <= columns; column++) {
            row.add(rows.getString(column));
          }
          found.add(row);
        }
      }
    }
    return found;
  }
}
