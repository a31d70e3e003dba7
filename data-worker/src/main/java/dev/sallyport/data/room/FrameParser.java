package dev.sallyport.data.room;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.sallyport.data.room.ClientFrame.Bad;
import dev.sallyport.data.room.ClientFrame.Publish;
import dev.sallyport.data.room.ClientFrame.Put;
import dev.sallyport.data.room.ClientFrame.Signal;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads what clients send. JSON that is only passed on is cut out as it came, not read into
 * anything. Thread-safe.
 */
final class FrameParser {
  static final int ID_CHARS_MAX = 200;
  static final int KEY_CHARS_MAX = 200;

  private final JsonFactory json =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /** A frame as far as it was read. Fields that are not known are passed over. */
  private static final class Fields {
    @Nullable String type;
    @Nullable String id;
    @Nullable String data;
    @Nullable String key;
    @Nullable String value;
    @Nullable Long ifVersion;
  }

  /** A field that is not what it should be. */
  private static final class Misfit extends Exception {
    Misfit(String message) {
      super(message, null, false, false);
    }
  }

  ClientFrame parse(String text) {
    var fields = new Fields();
    try (var parser = json.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return new Bad(null, Code.BAD_FRAME, "a frame is a JSON object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        read(parser, text, fields);
      }
      if (parser.nextToken() != null) {
        return new Bad(fields.id, Code.BAD_FRAME, "one JSON object in a frame");
      }
      return frame(fields);
    } catch (Misfit e) {
      return new Bad(fields.id, Code.BAD_FRAME, String.valueOf(e.getMessage()));
    } catch (JacksonException e) {
      return new Bad(fields.id, Code.BAD_FRAME, "not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new IllegalStateException("a text cannot fail to be read", e);
    }
  }

  private static void read(JsonParser parser, String text, Fields fields)
      throws IOException, Misfit {
    var name = parser.currentName();
    parser.nextToken();
    switch (name) {
      case "type" -> fields.type = text(parser, name);
      case "id" -> fields.id = bounded(text(parser, name), name, ID_CHARS_MAX);
      case "key" -> fields.key = bounded(text(parser, name), name, KEY_CHARS_MAX);
      case "data" -> fields.data = raw(parser, text);
      case "value" -> fields.value = raw(parser, text);
      case "ifVersion" -> fields.ifVersion = number(parser);
      default -> parser.skipChildren();
    }
  }

  private static String text(JsonParser parser, String name) throws IOException, Misfit {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw new Misfit(name + " is a text");
    }
    return parser.getText();
  }

  private static String bounded(String text, String name, int most) throws Misfit {
    if (!Publishing.isName(text, most)) {
      throw new Misfit(name + " is 1 to " + most + " characters, none of them U+0000");
    }
    return text;
  }

  private static @Nullable Long number(JsonParser parser) throws IOException, Misfit {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return null;
    }
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
        || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
        || parser.getLongValue() < 0) {
      throw new Misfit("ifVersion is a whole number, 0 or more");
    }
    return parser.getLongValue();
  }

  /** The value as it stands there. */
  private static String raw(JsonParser parser, String text) throws IOException {
    int from = (int) parser.currentTokenLocation().getCharOffset();
    if (parser.currentToken().isStructStart()) {
      parser.skipChildren();
    } else {
      parser.finishToken();
    }
    return text.substring(from, (int) parser.currentLocation().getCharOffset()).strip();
  }

  private static ClientFrame frame(Fields fields) throws Misfit {
    if (fields.type == null) {
      throw new Misfit("type is missing");
    }
    return switch (fields.type) {
      case "publish" -> new Publish(required(fields.id, "id"), required(fields.data, "data"));
      case "signal" -> new Signal(fields.id, required(fields.data, "data"));
      case "set" ->
          new Put(
              fields.id,
              required(fields.key, "key"),
              required(fields.value, "value"),
              fields.ifVersion);
      default -> new Bad(fields.id, Code.UNKNOWN_TYPE, "publish, signal or set");
    };
  }

  private static String required(@Nullable String value, String name) throws Misfit {
    if (value == null) {
      throw new Misfit(name + " is missing");
    }
    return value;
  }
}
