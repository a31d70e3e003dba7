package dev.sallyport.data.queue;

import dev.sallyport.model.QueuedMessage;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A record of the log as it was read. Immutable.
 *
 * @param at when the broker took it, by the broker's clock
 * @param message null where nobody of ours can have written it
 */
record Arrived(long offset, Instant at, @Nullable QueuedMessage message) {
  /** What it costs to hold it. */
  int bytes() {
    return message == null ? 0 : message.body().length;
  }
}
