package dev.sallyport.data.queue;

import com.fasterxml.jackson.databind.JavaType;
import dev.sallyport.model.QueuedMessage;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A queue as this worker's code declares it. Immutable.
 *
 * @param consumer null where programs outside pull
 * @param body what the consumer's bodies are read into; null likewise
 */
record Declared(
    String name,
    QueueOptions options,
    @Nullable QueueConsumer<Object> consumer,
    @Nullable JavaType body) {
  Declared {
    if (!QueuedMessage.isQueueName(name)) {
      throw new IllegalArgumentException("no name of a queue: " + name);
    }
  }

  /** {@code OrderMails} is {@code order-mails}. */
  static String nameOf(Class<?> bean) {
    return bean.getSimpleName().replaceAll("(?<=[a-z0-9])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
  }

  /** Whether programs outside fetch its messages. */
  boolean isPulled() {
    return consumer == null;
  }

  /** The consumer and what it reads bodies into. */
  Optional<Handler> handler() {
    return consumer == null || body == null
        ? Optional.empty()
        : Optional.of(new Handler(consumer, body));
  }

  /** What handles the messages of a queue. */
  record Handler(QueueConsumer<Object> consumer, JavaType body) {}
}
