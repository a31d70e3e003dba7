package dev.sallyport.data.room;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.data.platform.Tx;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Publishes to rooms from code of the data-worker. Thread-safe; blocks. */
@Singleton
public class Rooms {
  private final InboxSql inbox;
  private final ObjectMapper mapper;

  @Inject
  Rooms(InboxSql inbox, ObjectMapper mapper) {
    this.inbox = inbox;
    this.mapper = mapper;
  }

  /** Whether a room can be called so. */
  public static boolean isName(String name) {
    return Room.NAME.matcher(name).matches();
  }

  /**
   * Publishes a message if the transaction commits, and never if it does not. The room's owner
   * appends it to the log soon afterwards, once. Policies are not asked.
   *
   * @param from who says it, as members see it: a user's id, or a name of your own
   * @param id makes a second message of the same sender the same, for as long as the log is kept;
   *     null for none
   * @param data becomes JSON of at most 64 KiB
   * @throws IllegalArgumentException for a name or an id that cannot be, or data that are too large
   *     or no JSON
   */
  public void publish(Tx tx, String room, String from, @Nullable String id, Object data) {
    if (!isName(room)) {
      throw new IllegalArgumentException("no room can be called " + room);
    }
    if (!Publishing.isName(from, FrameParser.ID_CHARS_MAX)
        || (id != null && !Publishing.isName(id, FrameParser.ID_CHARS_MAX))) {
      throw new IllegalArgumentException(
          "who sends, and the id, have 1 to " + FrameParser.ID_CHARS_MAX + " characters");
    }
    inbox.put(tx, room, from, id, json(data));
  }

  private String json(Object data) {
    try {
      var json = mapper.writeValueAsString(data);
      if (json.getBytes(StandardCharsets.UTF_8).length > Publishing.DATA_BYTES_MAX) {
        throw new IllegalArgumentException("too large: " + Publishing.DATA_BYTES_MAX + " bytes");
      }
      return json;
    } catch (JacksonException e) {
      throw new IllegalArgumentException("cannot be JSON: " + data.getClass(), e);
    }
  }
}
