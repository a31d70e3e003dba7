package dev.sallyport.data.queue;

import dev.sallyport.model.QueuedMessage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/**
 * What a message is remembered by: its sender and id, and what was sent. Immutable.
 *
 * @param id 128 bits of SHA-256 over sender and id: of a billion messages, that any two share one
 *     by chance has a probability below 10^-20
 * @param content the first eight bytes of a hash of what was sent
 */
record MessageKey(UUID id, long content) {
  static MessageKey of(QueuedMessage message) {
    return new MessageKey(id(message), ByteBuffer.wrap(message.contentHash()).getLong());
  }

  private static UUID id(QueuedMessage message) {
    var sender = message.sender().getBytes(StandardCharsets.UTF_8);
    var hash = sha256();
    hash.update(ByteBuffer.allocate(Integer.BYTES).putInt(sender.length).array());
    hash.update(sender);
    hash.update(message.id().getBytes(StandardCharsets.UTF_8));
    var bits = ByteBuffer.wrap(hash.digest());
    return new UUID(bits.getLong(), bits.getLong());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
