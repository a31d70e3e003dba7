package dev.sallyport.system;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/** Calls to the sample's cached values, signed for one user. Thread-safe. */
final class CachedCalls {
  static final String CACHED = "/api/internal/sample/cached/";

  /** The same answer without a cache. */
  static final String UNCACHED = "/api/internal/sample/uncached/";

  private final InnerCalls calls;

  CachedCalls(Deployment deployment) {
    this.calls =
        new InnerCalls(
            deployment.signingKeys(), InstantSource.system(), UUID.randomUUID().toString());
  }

  /** Asks this worker for a value; where it must load it, that takes so long. */
  Answer get(Worker worker, String key, int loadMillis) {
    return call(worker, CACHED + key + "?loadMillis=" + loadMillis);
  }

  /** How often a loader of this key began. */
  long loads(Worker worker, String key) {
    var answer = call(worker, "/api/internal/sample/counters/loads-" + key);
    if (answer.status() != 200) {
      throw new IllegalStateException("no counter: " + answer);
    }
    return answer.json().required("value").asLong();
  }

  /** Asks for one value so many times at once, each worker in turn. */
  List<Future<Answer>> burst(
      ExecutorService threads, List<Worker> workers, String key, int count, int loadMillis) {
    var asked = new ArrayList<Future<Answer>>();
    for (int i = 0; i < count; i++) {
      var worker = workers.get(i % workers.size());
      asked.add(threads.submit(() -> get(worker, key, loadMillis)));
    }
    return asked;
  }

  /** All answers; an exception where one call failed. */
  static List<Answer> answers(List<Future<Answer>> asked) {
    var answers = new ArrayList<Answer>();
    for (var call : asked) {
      try {
        answers.add(call.get());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      } catch (ExecutionException e) {
        throw new IllegalStateException("a call failed", e);
      }
    }
    return answers;
  }

  private Answer call(Worker worker, String target) {
    var headers = new ArrayList<String>();
    for (var field : calls.headers("GET", target, null)) {
      headers.add(field.name());
      headers.add(field.value());
    }
    return worker.http().get(target, headers.toArray(String[]::new));
  }
}
