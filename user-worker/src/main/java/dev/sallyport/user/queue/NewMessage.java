package dev.sallyport.user.queue;

import dev.sallyport.model.QueuedMessage;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A message as a client sent it, found valid.
 *
 * @param id the client's own; null to draw one
 * @param delay in whole milliseconds
 * @param body the bytes of its JSON as they came; nobody writes to them
 */
@SuppressWarnings("ArrayRecordComponent") // as in QueuedMessage: a copy costs more than it saves
record NewMessage(@Nullable String id, @Nullable String key, Duration delay, byte[] body) {
  /** The same, on its way. */
  QueuedMessage from(String sender, String drawnId) {
    return new QueuedMessage(id == null ? drawnId : id, sender, key, delay, body);
  }
}
