package dev.sallyport.data.queue;

import dev.sallyport.model.QueuedMessage;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A message on its way to a verdict. Immutable.
 *
 * @param origin where it is until then
 * @param sentAt when the broker took it
 * @param attempts how many there were before this one
 */
record Delivery(Origin origin, QueuedMessage message, Instant sentAt, int attempts) {
  /** Where a message is. */
  sealed interface Origin {
    /**
     * In the log, and nowhere else yet.
     *
     * @param key what it will be remembered by
     */
    record Logged(long offset, MessageKey key) implements Origin {}

    /** In Postgres; its offset is behind us. */
    record Stored(long pk) implements Origin {}
  }

  @Nullable String key() {
    return message.key();
  }

  /** Its number as consumers count them. */
  int attempt() {
    return attempts + 1;
  }

  /** When it first was due. */
  Instant place() {
    return sentAt.plus(message.delay());
  }
}
