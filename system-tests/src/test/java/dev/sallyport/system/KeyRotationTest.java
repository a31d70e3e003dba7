package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A new signing key, in the order of docs/operations.md: whichever workers meet during a rollout,
 * the call is believed. Every user-worker has every data-worker as a binding and probes it with
 * signed calls, so its health is one line of the table.
 */
@ExtendWith(SharedDeployment.class)
class KeyRotationTest {
  private static final Duration WITHIN = Duration.ofSeconds(30);

  private final Deployment deployment;
  private final List<Worker> started = new ArrayList<>();
  private final String before;
  private final String after;

  KeyRotationTest(Deployment deployment) {
    this.deployment = deployment;
    this.before = deployment.signingKeys();
    this.after = "rotated:" + Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[32]);
  }

  @AfterEach
  void stop() {
    started.forEach(Worker::close);
  }

  private Worker dataWorker(String binding, String keys) {
    return start(
        WorkerKind.DATA_WORKER,
        Map.of("SALLYPORT_SIGNING_KEYS", keys, "SALLYPORT_BINDING_NAME", binding));
  }

  private Worker start(WorkerKind kind, Map<String, String> changes) {
    var worker = deployment.anotherWorker(kind, changes);
    started.add(worker);
    return worker;
  }

  /** What a user-worker that has these keys can call. */
  private Map<String, String> statuses(Worker userWorker) {
    var all = new TreeMap<String, String>();
    var bindings = userWorker.http().get("/health").json().required("bindings");
    bindings
        .fieldNames()
        .forEachRemaining(
            name -> all.put(name, bindings.required(name).required("status").asText()));
    return all;
  }

  @Test
  void inEachStepOfARotationAllWorkersBelieveEachOther() {
    var both = before + "," + after;
    var swapped = after + "," + before;
    var data = new TreeMap<String, Worker>();
    data.put("OLD", dataWorker("OLD", before));
    data.put("BOTH", dataWorker("BOTH", both));
    data.put("NEW", dataWorker("NEW", after));
    data.values().forEach(Worker::awaitReady);
    var settings = new HashMap<String, String>();
    data.forEach((name, worker) ->
        settings.put("sallyport.bindings." + name + ".url", worker.url().toString()));

    var users = new TreeMap<String, Worker>();
    Map.of("BOTH", both, "SWAPPED", swapped, "NEW", after)
        .forEach((name, keys) -> {
          var environment = new HashMap<>(settings);
          environment.put("SALLYPORT_SIGNING_KEYS", keys);
          users.put(name, start(WorkerKind.USER_WORKER, environment));
        });
    users.values().forEach(Worker::awaitReady);

    // The first key signs, so BOTH signs as the old workers do. The steps of a rotation are from
    // old to BOTH, from BOTH to SWAPPED and from SWAPPED to NEW: no pair that meets there is down.
    var signsOld = Map.of("OLD", "up", "BOTH", "up", "NEW", "down");
    var signsNew = Map.of("OLD", "down", "BOTH", "up", "NEW", "up");
    expect(users, "BOTH", signsOld);
    expect(users, "SWAPPED", signsNew);
    expect(users, "NEW", signsNew);
  }

  private void expect(Map<String, Worker> users, String name, Map<String, String> table) {
    var worker = users.get(name);
    assertThat(worker).isNotNull();
    if (worker != null) {
      await()
          .atMost(WITHIN)
          .untilAsserted(() -> assertThat(statuses(worker)).as(name).containsAllEntriesOf(table));
    }
  }
}
