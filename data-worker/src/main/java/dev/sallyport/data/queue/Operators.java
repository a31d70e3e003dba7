package dev.sallyport.data.queue;

import dev.sallyport.data.binding.Caller;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;

/**
 * Who may operate which queue over HTTP. What a caller may not looks as if it were not there.
 * Thread-safe.
 */
@Singleton
class Operators {
  private final QueueRegistry registry;
  private final QueueDirectory directory;

  @Inject
  Operators(QueueRegistry registry, QueueDirectory directory) {
    this.registry = registry;
    this.directory = directory;
  }

  /**
   * A queue that a caller may operate.
   *
   * @param row its row
   */
  record Operated(Declared queue, int row) {
    String name() {
      return queue.name();
    }
  }

  /**
   * The queue of this name.
   *
   * @throws Refusal 404; 503 before its row was made
   */
  Operated require(Caller.User caller, String name) {
    return registry
        .find(name)
        .filter(queue -> queue.options().operators().admits(caller))
        .map(this::operated)
        .orElseThrow(() -> Refusal.of(ProblemType.NOT_FOUND, "There is no such queue."));
  }

  /**
   * The queue of this name, if its messages are fetched over HTTP.
   *
   * @throws Refusal 404; 409 where a consumer in the data-worker handles them
   */
  Operated requirePulled(Caller.User caller, String name) {
    var operated = require(caller, name);
    if (!operated.queue().isPulled()) {
      throw Refusal.of(
          ProblemType.CONFLICT,
          "A consumer in the data-worker handles the messages of this queue.");
    }
    return operated;
  }

  /** All that this caller may operate, by name. */
  List<Operated> all(Caller.User caller) {
    return registry.all().stream()
        .filter(queue -> queue.options().operators().admits(caller))
        .map(this::operated)
        .toList();
  }

  private Operated operated(Declared queue) {
    int row =
        directory
            .row(queue.name())
            .orElseThrow(() ->
                Refusal.of(
                    Problem.retryable(
                        ProblemType.STORE_DOWN,
                        "This worker has only just begun.",
                        Duration.ofSeconds(1))));
    return new Operated(queue, row);
  }
}
