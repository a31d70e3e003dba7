package dev.sallyport.data.queue;

import dev.sallyport.model.QueuedMessage;
import java.time.Duration;
import java.util.Optional;

/**
 * A message to be sent by code of the data-worker. Immutable; each method gives a changed copy.
 *
 * @param queue its name
 * @param body becomes JSON of at most {@link QueuedMessage#BODY_BYTES_MAX} bytes
 * @param sender who the consumer is told it is from: a user's id, or a name of the service's own
 * @param key messages with the same one are handled in order
 * @param delay from when the broker took it; whole milliseconds
 * @param id so that it is handled once however often it is sent within 24 hours; drawn if absent
 */
public record NewMessage(
    String queue,
    Object body,
    String sender,
    Optional<String> key,
    Duration delay,
    Optional<String> id) {

  public static NewMessage of(String queue, Object body, String sender) {
    return new NewMessage(queue, body, sender, Optional.empty(), Duration.ZERO, Optional.empty());
  }

  public NewMessage key(String name) {
    return new NewMessage(queue, body, sender, Optional.of(name), delay, id);
  }

  public NewMessage delay(Duration time) {
    return new NewMessage(queue, body, sender, key, time, id);
  }

  public NewMessage id(String own) {
    return new NewMessage(queue, body, sender, key, delay, Optional.of(own));
  }
}
