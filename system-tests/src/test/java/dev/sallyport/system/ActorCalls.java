package dev.sallyport.system;

import dev.sallyport.model.WorkerHeaders;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Calls to {@code counter} actors on data-workers, signed for one user. Does itself what a
 * user-worker does about a worker that is not the owner. Thread-safe.
 */
final class ActorCalls implements Counters {
  static final int MISDIRECTED = 421;
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(4);
  private static final String JSON = "application/json";

  private final InnerCalls calls;
  private final Map<URI, Http> workers;

  ActorCalls(Deployment deployment, List<Worker> workers) {
    this.calls =
        new InnerCalls(
            deployment.signingKeys(), InstantSource.system(), UUID.randomUUID().toString());
    this.workers =
        workers.stream()
            .map(Worker::url)
            .collect(
                Collectors.toMap(Function.identity(), url -> Http.to(url).within(ANSWER_WITHIN)));
  }

  /** Adds 1, once for each {@code idempotencyKey}. */
  Answer add(URI worker, String key, String idempotencyKey) {
    return call(worker, key, "add", "{\"by\":1}", idempotencyKey);
  }

  Answer get(URI worker, String key) {
    return call(worker, key, "get", "{}", null);
  }

  /** {@link #add}, and once more where this answer names another worker. */
  @Override
  public Answer addAnywhere(URI worker, String key, String idempotencyKey) {
    var first = add(worker, key, idempotencyKey);
    return first.status() == MISDIRECTED ? add(owner(first), key, idempotencyKey) : first;
  }

  /** {@link #get}, and once more where this answer names another worker. */
  @Override
  public Answer getAnywhere(URI worker, String key) {
    var first = get(worker, key);
    return first.status() == MISDIRECTED ? get(owner(first), key) : first;
  }

  /**
   * Whom a 421 names.
   *
   * @throws IllegalStateException where that is none of the workers
   */
  URI owner(Answer misdirected) {
    var owner = misdirected.header(WorkerHeaders.OWNER).map(URI::create);
    if (owner.isEmpty() || !workers.containsKey(owner.get())) {
      throw new IllegalStateException("names no worker: " + misdirected);
    }
    return owner.get();
  }

  private Answer call(
      URI worker, String key, String method, String json, @Nullable String idempotencyKey) {
    var target = "/api/internal/actors/counter/" + key + "/" + method;
    var headers =
        calls.headers("POST", target, JSON, idempotencyKey).stream()
            .filter(field -> !field.name().equals("Content-Type")) // the client sets it
            .flatMap(field -> Stream.of(field.name(), field.value()))
            .toArray(String[]::new);
    var http = workers.get(worker);
    if (http == null) {
      throw new IllegalArgumentException("no worker: " + worker);
    }
    return http.post(target, json, headers);
  }
}
