package dev.sallyport.data.queue;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;

/**
 * What a puller shows to settle a message that it holds. Immutable.
 *
 * @param pk the message's row
 * @param lease this very lease of it: drawn anew each time that it is handed out
 */
record Receipt(long pk, UUID lease) {
  private static final int BYTES = 3 * Long.BYTES;

  String text() {
    var bytes =
        ByteBuffer.allocate(BYTES)
            .putLong(pk)
            .putLong(lease.getMostSignificantBits())
            .putLong(lease.getLeastSignificantBits())
            .array();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** Empty for what is none of ours. */
  static Optional<Receipt> parse(String text) {
    try {
      var bytes = Base64.getUrlDecoder().decode(text);
      if (bytes.length == BYTES) {
        var read = ByteBuffer.wrap(bytes);
        return Optional.of(new Receipt(read.getLong(), new UUID(read.getLong(), read.getLong())));
      }
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // it is none then
    }
    return Optional.empty();
  }
}
