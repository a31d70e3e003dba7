package dev.sallyport.user.queue;

import dev.sallyport.model.Problem;
import dev.sallyport.model.Problem.SendAgain;
import dev.sallyport.model.QueuedMessage;
import dev.sallyport.model.UuidV7;
import dev.sallyport.user.platform.EventLoop;
import dev.sallyport.user.platform.ProblemException;
import io.vertx.core.Future;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What a message passes once its queue was found and its fields are valid: its id is drawn or
 * compared, the topic is looked up where it is not known, Kafka acknowledges. On the caller's event
 * loop; fails with a {@link ProblemException}, within five seconds.
 *
 * <p>A used id with the same content is sent again all the same: the first time may not have
 * arrived. The data-worker takes it in once.
 */
@ApplicationScoped
class Sends {
  /** Finding the queue may have taken half a second of five. */
  private static final Duration ANSWER_WITHIN = Duration.ofMillis(4_400);

  private final UuidV7 ids;
  private final IdScript script;
  private final MessageTopic topic;
  private final BatchTopic batches;

  @Inject
  Sends(UuidV7 ids, IdScript script, MessageTopic topic, BatchTopic batches) {
    this.ids = ids;
    this.script = script;
    this.topic = topic;
    this.batches = batches;
  }

  /** Sends one message and gives its id. */
  Future<String> one(String queue, String sender, NewMessage message) {
    var drawn = message.id() == null ? ids.next().toString() : "";
    var queued = message.from(sender, drawn);
    var again = new SendAgain.One(queued.id());
    if (message.id() == null && topic.isReady(queue)) {
      return topic.send(queue, queued).map(queued.id()).recover(failure -> naming(again, failure));
    }
    var own = message.id() == null ? List.<QueuedMessage>of() : List.of(queued);
    return compared(queue, own, conflict -> "id")
        .compose(fine -> ready(queue))
        .compose(known -> topic.send(queue, queued))
        .timeout(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
        .map(queued.id())
        .recover(failure -> naming(again, failure));
  }

  /** Sends all of them or none, and gives their ids in order. */
  Future<List<String>> all(String queue, String sender, List<NewMessage> messages) {
    var queued = queued(sender, messages);
    var all = queued.stream().map(QueuedMessage::id).toList();
    // Where each id of the client's own is first.
    var first = new HashMap<String, Integer>();
    var own = new ArrayList<Integer>();
    for (int i = 0; i < messages.size(); i++) {
      if (messages.get(i).id() == null) {
        continue;
      }
      var before = first.putIfAbsent(queued.get(i).id(), i);
      if (before == null) {
        own.add(i);
      } else if (!sameContent(queued.get(i), queued.get(before))) {
        return Future.failedFuture(SendError.idWithOtherContent("messages[" + i + "].id"));
      }
    }
    return compared(
            queue,
            own.stream().map(queued::get).toList(),
            conflict -> "messages[" + own.get(conflict) + "].id")
        .compose(fine -> ready(queue))
        .compose(known -> batches.send(queue, queued))
        .timeout(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
        .map(all)
        .recover(failure -> naming(new SendAgain.All(all), failure));
  }

  private List<QueuedMessage> queued(String sender, List<NewMessage> messages) {
    var drawn = ids.next(messages.size());
    var queued = new ArrayList<QueuedMessage>(messages.size());
    for (int i = 0; i < messages.size(); i++) {
      UUID id = drawn.get(i);
      queued.add(messages.get(i).from(sender, id.toString()));
    }
    return queued;
  }

  private static boolean sameContent(QueuedMessage one, QueuedMessage other) {
    return Arrays.equals(one.contentHash(), other.contentHash());
  }

  /** The field that names the message at this place of a list. */
  private interface Field {
    String of(int place);
  }

  private Future<OptionalInt> compared(String queue, List<QueuedMessage> own, Field field) {
    if (own.isEmpty()) {
      return NO_CONFLICT;
    }
    return EventLoop.here(script.remember(queue, own))
        .compose(conflict ->
            conflict.isPresent()
                ? Future.failedFuture(SendError.idWithOtherContent(field.of(conflict.getAsInt())))
                : NO_CONFLICT);
  }

  private static final Future<OptionalInt> NO_CONFLICT =
      Future.succeededFuture(OptionalInt.empty());

  private Future<Void> ready(String queue) {
    return topic.isReady(queue) ? Future.succeededFuture() : EventLoop.here(topic.ready(queue));
  }

  /** The ids go with every failure after which sending again may help. */
  private static <T> Future<T> naming(SendAgain ids, Throwable failure) {
    Problem problem =
        switch (failure) {
          case ProblemException known -> known.problem();
          case TimeoutException late -> SendError.notAcknowledged().problem();
          default -> null;
        };
    if (problem == null) {
      return Future.failedFuture(failure);
    }
    return Future.failedFuture(
        problem.retryable() ? new ProblemException(problem.with(ids)) : (ProblemException) failure);
  }
}
