package dev.sallyport.user.queue;

import dev.sallyport.model.QueuedMessage;
import io.vertx.core.Future;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Messages of this worker's own, to queues of which no client knows. They go the way of those of
 * clients, but for the questions who may send and what was sent before. Thread-safe, does not
 * block.
 */
@ApplicationScoped
public class OwnMessages {
  /** No user's id: those are UUIDs. */
  static final String SENDER = "user-worker";

  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(5);

  private final MessageTopic topic;

  @Inject
  OwnMessages(MessageTopic topic) {
    this.topic = topic;
  }

  /**
   * Sends one; completes when all replicas in sync have it.
   *
   * @param id the same for the same message, however often it is sent: it is handled once
   * @param json at most {@link QueuedMessage#BODY_BYTES_MAX}
   * @return fails within five seconds where it was not acknowledged; it may arrive all the same
   */
  public Future<Void> send(String queue, String id, byte[] json) {
    var message = new QueuedMessage(id, SENDER, null, Duration.ZERO, json);
    var ready = topic.isReady(queue) ? Future.<Void>succeededFuture() : topic.ready(queue);
    return ready
        .compose(known -> topic.send(queue, message))
        .timeout(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
  }
}
