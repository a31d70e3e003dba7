package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Runs that each add to a counter of their own, one transaction after the other: the counter tells
 * whether one was lost or happened twice. Immutable.
 *
 * @param ids of the runs, which are the keys of the counters too
 * @param times how many transactions each has
 */
record CountingRuns(List<String> ids, int times) {
  private static final String TYPE = "sample-count";
  private static final int BATCH = 100;

  CountingRuns {
    ids = List.copyOf(ids);
  }

  /** Starts so many, a multiple of 100. */
  static CountingRuns start(WorkflowCalls calls, int runs, int times) {
    var ids = new ArrayList<String>();
    for (int from = 0; from < runs; from += BATCH) {
      var batch = new ArrayList<Map<String, Object>>();
      for (int i = 0; i < BATCH; i++) {
        var id = UUID.randomUUID().toString();
        ids.add(id);
        batch.add(Map.of("id", id, "params", Map.of("key", id, "times", times)));
      }
      var answer = calls.batch(TYPE, batch);
      assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    }
    return new CountingRuns(ids, times);
  }

  /** That each is complete, has counted exactly as often as it should, and says so. */
  void assertExact(WorkflowCalls calls) {
    for (var id : ids) {
      var run = calls.get(TYPE, id);
      assertThat(run.status()).as(run.body()).isEqualTo(200);
      var json = run.json();
      assertThat(json.required("status").asText()).as(run.body()).isEqualTo("complete");
      assertThat(json.required("output").required("value").asInt()).as(id).isEqualTo(times);
      assertThat(json.required("steps").size()).as(run.body()).isEqualTo(times);
      assertThat(calls.counter(id)).as("counter of " + id).isEqualTo(times);
    }
  }
}
