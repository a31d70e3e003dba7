package dev.sallyport.user.queue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.sallyport.model.QueuedMessage;
import dev.sallyport.user.platform.ProblemException;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads what a client sends in one pass, keeping the bytes of each message's body as they came: it
 * is checked, but never built and written again. Thread-safe.
 */
@ApplicationScoped
class SendBody {
  private final JsonFactory json =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          // Names come from outside: they are no symbols of this program.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  /**
   * One message.
   *
   * @throws ProblemException {@code BAD_JSON}, {@code INVALID} or {@code TOO_LARGE}
   */
  NewMessage message(byte[] request) {
    return read(request, Reading::single);
  }

  /**
   * A batch, which is not empty.
   *
   * @throws ProblemException {@code BAD_JSON}, {@code INVALID} or {@code TOO_LARGE}
   */
  List<NewMessage> batch(byte[] request) {
    return read(request, Reading::batch);
  }

  /** What is wanted of a document. */
  private interface Wanted<T> {
    T of(Reading reading) throws IOException;
  }

  private <T> T read(byte[] request, Wanted<T> wanted) {
    if (!JsonText.isUtf8(request)) {
      throw SendError.notJson();
    }
    try (var parser = json.createParser(request)) {
      if (parser.nextToken() == null) {
        throw SendError.notJson();
      }
      var reading = new Reading(request, parser);
      var read = wanted.of(reading);
      if (parser.nextToken() != null) {
        throw SendError.notJson();
      }
      reading.fields.refuseIfWrong();
      return read;
    } catch (JsonProcessingException notJson) {
      throw SendError.notJson();
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory", e);
    }
  }

  /** One document being read. Confined to one thread. */
  private static final class Reading {
    private final byte[] request;
    private final JsonParser parser;
    private final SendFields fields = new SendFields();

    Reading(byte[] request, JsonParser parser) {
      this.request = request;
      this.parser = parser;
    }

    NewMessage single() throws IOException {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        skip();
        fields.wrong("", "body", "must be a JSON object");
        return SendFields.NOTHING;
      }
      return message("");
    }

    List<NewMessage> batch() throws IOException {
      var messages = new ArrayList<NewMessage>();
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        skip();
        fields.wrong("", "body", "must be a JSON object");
        return messages;
      }
      boolean there = false;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        var name = parser.currentName();
        var value = parser.nextToken();
        if (!name.equals("messages")) {
          fields.unknown("", name);
          skip();
        } else if (value != JsonToken.START_ARRAY) {
          there = true;
          fields.wrong("", name, "must be an array of messages");
          skip();
        } else {
          there = true;
          list(messages);
        }
      }
      if (!there) {
        fields.wrong("", "messages", "is missing");
      }
      return messages;
    }

    private void list(List<NewMessage> messages) throws IOException {
      int bytes = 0;
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (messages.size() == QueuedMessage.BATCH_MAX) {
          throw SendError.batchTooLarge();
        }
        var at = "messages[" + messages.size() + "]";
        if (parser.currentToken() == JsonToken.START_OBJECT) {
          var message = message(at + ".");
          bytes += message.body().length;
          if (bytes > QueuedMessage.BATCH_BYTES_MAX) {
            throw SendError.batchTooLarge();
          }
          messages.add(message);
        } else {
          skip();
          fields.wrong("", at, "must be a JSON object");
          messages.add(SendFields.NOTHING);
        }
      }
      if (messages.isEmpty()) {
        fields.wrong("", "messages", "must not be empty");
      }
    }

    private NewMessage message(String at) throws IOException {
      var message = new SendFields.Draft();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        var name = parser.currentName();
        var value = parser.nextToken();
        switch (name) {
          case "body" -> message.body = slice(at);
          case "id" -> message.id = text(value, at, name);
          case "key" -> message.key = text(value, at, name);
          case "delay" -> message.delay = text(value, at, name);
          default -> {
            fields.unknown(at, name);
            skip();
          }
        }
      }
      return fields.valid(message, at);
    }

    /** The bytes of the value that begins here. */
    private byte[] slice(String at) throws IOException {
      int begin = (int) parser.currentTokenLocation().getByteOffset();
      skip();
      int end = (int) parser.currentLocation().getByteOffset();
      if (end - begin > QueuedMessage.BODY_BYTES_MAX) {
        throw SendError.bodyTooLarge(at + "body");
      }
      return Arrays.copyOfRange(request, begin, end);
    }

    private void skip() throws IOException {
      parser.skipChildren();
      parser.finishToken();
    }

    /** What is absent may be said to be null. */
    private SendFields.Text text(JsonToken value, String at, String name) throws IOException {
      if (value == JsonToken.VALUE_STRING) {
        return new SendFields.Text(parser.getText());
      }
      if (value != JsonToken.VALUE_NULL) {
        skip();
        fields.wrong(at, name, "must be a text");
      }
      return SendFields.Text.NONE;
    }
  }
}
