package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/**
 * Runs that each add to a counter of their own, one transaction after the other: the counter tells
 * whether one was lost or happened twice. Immutable.
 *
 * @param times how many transactions each has, by its id, which is the key of its counter too
 */
record CountingRuns(Map<String, Integer> times) {
  private static final String TYPE = "sample-count";
  private static final int AT_ONCE = 20;

  CountingRuns {
    times = Map.copyOf(times);
  }

  Set<String> ids() {
    return times.keySet();
  }

  /**
   * Starts so many, a few at a time. They are of different lengths, so that at any time some are
   * near their end.
   */
  static CountingRuns start(WorkflowCalls calls, int runs, int timesMin, int timesMax) {
    var times = new HashMap<String, Integer>();
    for (int i = 0; i < runs; i++) {
      times.put(UUID.randomUUID().toString(), timesMin + i % (timesMax - timesMin + 1));
    }
    var some = new Semaphore(AT_ONCE);
    var refused = new ConcurrentLinkedQueue<String>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var id : times.keySet()) {
        some.acquireUninterruptibly();
        threads.execute(() -> {
          try {
            var answer = calls.start(TYPE, id, Map.of("key", id, "times", times.get(id)));
            if (answer.status() != 201) {
              refused.add(answer.toString());
            }
          } finally {
            some.release();
          }
        });
      }
    }
    assertThat(refused).isEmpty();
    return new CountingRuns(times);
  }

  /** That each is complete, has counted exactly as often as it should, and says so. */
  void assertExact(WorkflowCalls calls) {
    times.forEach((id, expected) -> {
      var run = calls.get(TYPE, id);
      assertThat(run.status()).as(run.body()).isEqualTo(200);
      var json = run.json();
      assertThat(json.required("status").asText()).as(run.body()).isEqualTo("complete");
      assertThat(json.required("output").required("value").asInt()).as(id).isEqualTo(expected);
      assertThat(json.required("steps").size()).as(run.body()).isEqualTo(expected);
      assertThat(calls.counter(id)).as("counter of " + id).isEqualTo(expected.longValue());
    });
  }
}
