package dev.sallyport.data.queue;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.data.platform.Tx;
import dev.sallyport.model.QueuedMessage;
import dev.sallyport.model.UuidV7;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;

/** Sends messages from code of the data-worker. Thread-safe; blocks. */
@Singleton
public class Messages {
  private final QueueRegistry registry;
  private final OutboxSql outbox;
  private final ObjectMapper mapper;
  private final UuidV7 ids;

  @Inject
  Messages(QueueRegistry registry, OutboxSql outbox, ObjectMapper mapper, Clock clock) {
    this.registry = registry;
    this.outbox = outbox;
    this.mapper = mapper;
    this.ids = new UuidV7(clock, new SecureRandom());
  }

  /**
   * Sends a message if the transaction commits, and never if it does not. It reaches the broker
   * soon afterwards.
   *
   * @return its id
   * @throws IllegalArgumentException when no such queue is declared, or a length or the body is
   *     none that can be sent
   */
  public String send(Tx tx, NewMessage message) {
    if (registry.find(message.queue()).isEmpty()) {
      throw new IllegalArgumentException("there is no queue " + message.queue());
    }
    var id = message.id().orElseGet(() -> ids.next().toString());
    outbox.put(
        tx,
        message.queue(),
        new QueuedMessage(
            id,
            message.sender(),
            message.key().orElse(null),
            message.delay(),
            json(message.body()).getBytes(StandardCharsets.UTF_8)));
    return id;
  }

  private String json(Object body) {
    try {
      return mapper.writeValueAsString(body);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("cannot be sent as JSON: " + body.getClass(), e);
    }
  }
}
