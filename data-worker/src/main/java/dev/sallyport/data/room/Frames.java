package dev.sallyport.data.room;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What this side says, as whole WebSocket frames: a server's are not masked, so one encoding does
 * for all who get it. Pure.
 */
final class Frames {
  private static final byte FINAL_TEXT = (byte) 0x81;
  private static final int SHORT_MAX = 125;
  private static final int SIXTEEN_BITS = 126;
  private static final int SIXTY_FOUR_BITS = 127;
  private static final int SIXTEEN_BITS_MAX = 0xffff;

  private Frames() {}

  static byte[] message(Message message) {
    return frame(
        "{\"type\":\"message\",\"offset\":"
            + message.offset()
            + ",\"from\":"
            + quoted(message.from())
            + ",\"data\":"
            + message.data()
            + ",\"at\":\""
            + message.at()
            + "\"}");
  }

  static byte[] signal(String from, String data) {
    return frame("{\"type\":\"signal\",\"from\":" + quoted(from) + ",\"data\":" + data + "}");
  }

  static byte[] state(String key, Shared.Value value, String from) {
    return frame(
        "{\"type\":\"state\",\"key\":"
            + quoted(key)
            + ",\"value\":"
            + value.json()
            + ",\"version\":"
            + value.version()
            + ",\"from\":"
            + quoted(from)
            + "}");
  }

  static byte[] presence(Collection<String> joined, Collection<String> left) {
    return frame(
        "{\"type\":\"presence\",\"joined\":" + list(joined) + ",\"left\":" + list(left) + "}");
  }

  static byte[] ack(String id, long offset, Instant at) {
    return frame(
        "{\"type\":\"ack\",\"id\":"
            + quoted(id)
            + ",\"offset\":"
            + offset
            + ",\"at\":\""
            + at
            + "\"}");
  }

  static byte[] error(@Nullable String id, Code code, String detail) {
    return frame(
        "{\"type\":\"error\","
            + (id == null ? "" : "\"id\":" + quoted(id) + ",")
            + "\"code\":\""
            + code.text()
            + "\",\"detail\":"
            + quoted(detail)
            + "}");
  }

  static byte[] welcome(
      String room,
      String epoch,
      long offset,
      boolean recovered,
      Collection<String> members,
      Map<String, Shared.Value> state) {
    var text = new StringBuilder("{\"type\":\"welcome\",\"room\":");
    text.append(quoted(room)).append(",\"epoch\":").append(quoted(epoch));
    text.append(",\"offset\":").append(offset).append(",\"recovered\":").append(recovered);
    text.append(",\"members\":").append(list(members)).append(",\"state\":{");
    boolean first = true;
    for (var entry : state.entrySet()) {
      if (!first) {
        text.append(',');
      }
      first = false;
      text.append(quoted(entry.getKey())).append(":{\"value\":").append(entry.getValue().json());
      text.append(",\"version\":").append(entry.getValue().version()).append('}');
    }
    return frame(text.append("}}").toString());
  }

  private static String list(Collection<String> texts) {
    var list = new StringBuilder("[");
    for (var text : texts) {
      if (list.length() > 1) {
        list.append(',');
      }
      list.append(quoted(text));
    }
    return list.append(']').toString();
  }

  private static String quoted(String text) {
    return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
  }

  /** RFC 6455, section 5.2. */
  private static byte[] frame(String json) {
    var payload = json.getBytes(StandardCharsets.UTF_8);
    int head =
        payload.length <= SHORT_MAX
            ? 2
            : payload.length <= SIXTEEN_BITS_MAX ? 2 + Short.BYTES : 2 + Long.BYTES;
    var frame = ByteBuffer.allocate(head + payload.length).put(FINAL_TEXT);
    if (payload.length <= SHORT_MAX) {
      frame.put((byte) payload.length);
    } else if (payload.length <= SIXTEEN_BITS_MAX) {
      frame.put((byte) SIXTEEN_BITS).putShort((short) payload.length);
    } else {
      frame.put((byte) SIXTY_FOUR_BITS).putLong(payload.length);
    }
    return frame.put(payload).array();
  }
}
