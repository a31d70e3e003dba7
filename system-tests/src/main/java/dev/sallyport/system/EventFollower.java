package dev.sallyport.system;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/**
 * Follows the events of one run, taking up after the last one it had whenever a worker goes away:
 * their numbers never fall, and in the end it has heard of everything. What it has heard may be
 * read after {@link #await}.
 */
final class EventFollower {
  private static final Duration SILENCE_MAX = Duration.ofSeconds(4);
  private static final Duration AGAIN_AFTER = Duration.ofMillis(200);

  private final Cluster cluster;
  private final Violations violations;
  private final RandomGenerator random;
  private final String id;
  private final Map<String, String> steps = new HashMap<>();
  private final List<String> resets = new ArrayList<>();
  private final Thread thread = Thread.ofVirtual().unstarted(this::follow);
  private long last = -1;
  private boolean heardEnd;
  private long events;
  private volatile long until = System.nanoTime() + Duration.ofDays(1).toNanos();

  private EventFollower(Cluster cluster, Violations violations, RandomGenerator random, String id) {
    this.cluster = cluster;
    this.violations = violations;
    this.random = random;
    this.id = id;
  }

  /** Begins, on a thread of its own. */
  static EventFollower start(
      Cluster cluster, Violations violations, RandomGenerator random, String id) {
    var follower = new EventFollower(cluster, violations, random, id);
    follower.thread.start();
    return follower;
  }

  /** Leaves so much time for what it has not heard yet. */
  void finish(Duration within) {
    until = System.nanoTime() + within.toNanos();
  }

  /** Waits until it has heard the end, or its time is over. */
  void await() throws InterruptedException {
    thread.join();
  }

  long events() {
    return events;
  }

  private void follow() {
    while (!isOver()) {
      try {
        connect();
      } catch (IOException cut) {
        LockSupport.parkNanos(AGAIN_AFTER.toNanos());
      }
    }
  }

  private boolean isOver() {
    return heardEnd || System.nanoTime() - until > 0;
  }

  /** Compares what was heard with the run, which was never restarted, as it is in the end. */
  void compare(JsonNode run) {
    if (!resets.isEmpty()) {
      violations.add("the events of run " + id + " began anew: " + resets);
    }
    if (!heardEnd) {
      violations.add("the events of run " + id + " never told its end, only up to " + last);
      return;
    }
    for (var step : run.path("steps")) {
      var name = SeenRun.key(step);
      var now = step.path("status").asText();
      if (!now.equals(steps.get(name))) {
        violations.add(
            "the events of run "
                + id
                + " told "
                + steps.get(name)
                + " of "
                + name
                + ", not "
                + now);
      }
    }
  }

  private void connect() throws IOException {
    var member = cluster.any(random);
    var target = "/api/internal/workflows/" + ProgramDrive.TYPE + "/" + id;
    var connection = (HttpURLConnection) URI.create(member.url() + target).toURL().openConnection();
    connection.setConnectTimeout((int) SILENCE_MAX.toMillis());
    connection.setReadTimeout((int) SILENCE_MAX.toMillis());
    connection.setRequestProperty("Accept", "text/event-stream");
    if (last >= 0) {
      connection.setRequestProperty("Last-Event-ID", Long.toString(last));
    }
    var headers = member.calls.headers("GET", target, null);
    for (int i = 0; i < headers.length; i += 2) {
      connection.setRequestProperty(headers[i], headers[i + 1]);
    }
    try (var lines =
        new BufferedReader(
            new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
      read(lines);
    } finally {
      connection.disconnect();
    }
  }

  private void read(BufferedReader lines) throws IOException {
    var fields = new HashMap<String, String>();
    for (var line = lines.readLine(); line != null && !isOver(); line = lines.readLine()) {
      int colon = line.indexOf(':');
      if (line.isEmpty() && fields.containsKey("data")) {
        event(fields);
        fields.clear();
      } else if (colon > 0) {
        fields.merge(line.substring(0, colon), line.substring(colon + 1).strip(), String::concat);
      }
    }
  }

  private void event(Map<String, String> fields) {
    events++;
    var type = fields.getOrDefault("event", "");
    long number = Long.parseLong(fields.getOrDefault("id", Long.toString(last)));
    if (type.equals("reset")) {
      resets.add(number + " after " + last);
    } else if (number < last) {
      violations.add("run " + id + " had event " + last + " and then " + number);
    }
    last = Math.max(last, number);
    var data = Json.parse(fields.getOrDefault("data", ""));
    if (type.equals("step")) {
      steps.put(SeenRun.key(data), data.path("status").asText());
    } else if (type.equals("run") && SeenRun.isFinished(data)) {
      heardEnd = true;
    }
  }
}
