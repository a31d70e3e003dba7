package dev.sallyport.model;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A message on its way through a queue's log, as both workers write and read it. Its body is the
 * value of the Kafka record, the rest are headers of it. Immutable as long as nobody writes to
 * {@code body}, which is neither copied in nor out.
 *
 * @param id the sender's own, or one that was drawn for it; unique only together with {@code
 *     sender}
 * @param sender the user, or the name of a service of the data-worker
 * @param key messages with the same one are handled in order; null for no order
 * @param delay how long after the broker took it the message is due, in whole milliseconds
 * @param body JSON in UTF-8, as it was sent
 */
@SuppressWarnings("ArrayRecordComponent") // copying every body twice would cost more than it saves
public record QueuedMessage(
    String id, String sender, @Nullable String key, Duration delay, byte[] body) {
  /** A body's size at the most: 128 KiB. */
  public static final int BODY_BYTES_MAX = 128 * 1024;

  /** All bodies of a batch together at the most: 256 KiB. */
  public static final int BATCH_BYTES_MAX = 256 * 1024;

  public static final int BATCH_MAX = 100;
  public static final int ID_CHARS_MAX = 128;
  public static final int KEY_CHARS_MAX = 256;
  public static final Duration DELAY_MAX = Duration.ofDays(365);

  private static final Pattern QUEUE = Pattern.compile("[a-z][a-z0-9-]{0,62}");
  private static final String TOPIC_PREFIX = "sallyport.queue.";
  private static final String ID = "id";
  private static final String SENDER = "sender";
  private static final String KEY = "key";
  private static final String DELAY = "delay";

  public QueuedMessage {
    requireLength("id", id, ID_CHARS_MAX);
    requireLength("sender", sender, ID_CHARS_MAX);
    if (key != null) {
      requireLength("key", key, KEY_CHARS_MAX);
    }
    if (delay.isNegative() || delay.compareTo(DELAY_MAX) > 0) {
      throw new IllegalArgumentException("a delay is between 0 and " + DELAY_MAX);
    }
    if (body.length > BODY_BYTES_MAX) {
      throw new IllegalArgumentException("a body has at most " + BODY_BYTES_MAX + " bytes");
    }
  }

  private static void requireLength(String what, String text, int charsMax) {
    if (text.isEmpty() || text.length() > charsMax || text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          what + " has between 1 and " + charsMax + " characters, none of them U+0000");
    }
  }

  /** Whether a queue can be called so: lower case, digits and dashes, 63 characters at the most. */
  public static boolean isQueueName(String name) {
    return QUEUE.matcher(name).matches();
  }

  /** Where the messages of a queue travel. */
  public static String topic(String queue) {
    if (!isQueueName(queue)) {
      throw new IllegalArgumentException("no name of a queue: " + queue);
    }
    return TOPIC_PREFIX + queue;
  }

  /**
   * The key of the record, by which Kafka's own partitioner chooses its partition. Messages of one
   * key meet in one, and so do two copies of one message.
   */
  public byte[] recordKey() {
    return bytes(Objects.requireNonNullElse(key, id));
  }

  /** The headers of the record. */
  public Map<String, byte[]> headers() {
    var headers = HashMap.<String, byte[]>newHashMap(4);
    headers.put(ID, bytes(id));
    headers.put(SENDER, bytes(sender));
    if (key != null) {
      headers.put(KEY, bytes(key));
    }
    if (!delay.isZero()) {
      headers.put(DELAY, bytes(Long.toString(delay.toMillis())));
    }
    return headers;
  }

  /** Reads a record; empty when none of us can have written it. */
  public static Optional<QueuedMessage> read(Map<String, byte[]> headers, byte @Nullable [] value) {
    var id = headers.get(ID);
    var sender = headers.get(SENDER);
    if (id == null || sender == null || value == null || hasNul(value)) {
      return Optional.empty();
    }
    var key = headers.get(KEY);
    var delay = headers.get(DELAY);
    try {
      return Optional.of(
          new QueuedMessage(
              text(id),
              text(sender),
              key == null ? null : text(key),
              delay == null ? Duration.ZERO : Duration.ofMillis(Long.parseLong(text(delay))),
              value));
    } catch (IllegalArgumentException notOurs) {
      // A length or a number that we never write.
      return Optional.empty();
    }
  }

  /** Which no JSON has, and no text in Postgres. */
  private static boolean hasNul(byte[] bytes) {
    for (byte one : bytes) {
      if (one == 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * SHA-256 of all that was sent under the id: the same id with another of these is another
   * message.
   */
  public byte[] contentHash() {
    var hash = sha256();
    var keyBytes = key == null ? new byte[0] : bytes(key);
    hash.update(
        ByteBuffer.allocate(2 * Integer.BYTES + Long.BYTES)
            .putInt(key == null ? -1 : keyBytes.length)
            .putLong(delay.toMillis())
            .putInt(body.length)
            .array());
    hash.update(keyBytes);
    hash.update(body);
    return hash.digest();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
