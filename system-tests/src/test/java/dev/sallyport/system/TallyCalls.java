package dev.sallyport.system;

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
 * Calls to the sample service whose counters are actors, signed for one user: each worker serves
 * them itself, whichever has the actor. Thread-safe.
 */
final class TallyCalls implements Counters {
  /** Longer than the service waits for the actor. */
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(12);

  private static final String JSON = "application/json";

  private final InnerCalls calls;
  private final Map<URI, Http> workers;

  TallyCalls(Deployment deployment, List<Worker> workers) {
    this.calls =
        new InnerCalls(
            deployment.signingKeys(), InstantSource.system(), UUID.randomUUID().toString());
    this.workers =
        workers.stream()
            .map(Worker::url)
            .collect(
                Collectors.toMap(Function.identity(), url -> Http.to(url).within(ANSWER_WITHIN)));
  }

  @Override
  public Answer addAnywhere(URI worker, String key, String idempotencyKey) {
    return post(worker, target(key), idempotencyKey);
  }

  @Override
  public Answer getAnywhere(URI worker, String key) {
    return get(worker, target(key));
  }

  /** Adds 1 to the actor, and to the row that {@link #committed} reads, in one transaction. */
  Answer addLater(URI worker, String key) {
    return post(worker, target(key) + "/later", null);
  }

  /** How often {@link #addLater} was committed, for all keys. */
  Answer committed(URI worker) {
    return get(worker, "/api/internal/sample/counters/tallies");
  }

  private static String target(String key) {
    return "/api/internal/sample/tallies/" + key;
  }

  private Answer get(URI worker, String target) {
    return http(worker).get(target, headers("GET", target, null, null));
  }

  private Answer post(URI worker, String target, @Nullable String idempotencyKey) {
    return http(worker).post(target, "{}", headers("POST", target, JSON, idempotencyKey));
  }

  private String[] headers(
      String method, String target, @Nullable String type, @Nullable String idempotencyKey) {
    return calls.headers(method, target, type, idempotencyKey).stream()
        .filter(field -> !field.name().equals("Content-Type")) // the client sets it
        .flatMap(field -> Stream.of(field.name(), field.value()))
        .toArray(String[]::new);
  }

  private Http http(URI worker) {
    var http = workers.get(worker);
    if (http == null) {
      throw new IllegalArgumentException("no worker: " + worker);
    }
    return http;
  }
}
