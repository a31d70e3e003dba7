package dev.sallyport.data.rpc;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.sallyport.model.rpc.JsonRpc;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Takes a request apart in one pass and without a tree. Nothing is run before all of it was read.
 * Strict: a field that nobody knows, or that is there twice, is an error. What nests deeper than
 * 1,000, or has a number of more digits than that, is no JSON here. Thread-safe.
 */
@Singleton
class RequestReader {
  private final RpcJson json;

  @Inject
  RequestReader(RpcJson json) {
    this.json = json;
  }

  Incoming read(byte[] body) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException notText) {
      return new Incoming.Broken();
    }
    try (var parser = json.parser(text)) {
      var first = parser.nextToken();
      if (first == null) {
        return new Incoming.Broken();
      }
      var incoming =
          first == JsonToken.START_ARRAY
              ? batch(parser, text)
              : new Incoming.Single(entry(parser, text));
      boolean whole = incoming instanceof Incoming.TooMany || parser.nextToken() == null;
      return whole ? incoming : new Incoming.Broken();
    } catch (JacksonException notJson) {
      return new Incoming.Broken();
    } catch (IOException e) {
      throw new UncheckedIOException("a text in memory", e);
    }
  }

  /** What comes after the last entry that would be taken is not looked at. */
  private static Incoming batch(JsonParser parser, String text) throws IOException {
    var entries = new ArrayList<Entry>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (entries.size() == JsonRpc.ENTRIES_MAX) {
        return new Incoming.TooMany();
      }
      entries.add(entry(parser, text));
    }
    return entries.isEmpty()
        ? new Incoming.Single(new Entry.Invalid(Entry.NO_ID))
        : new Incoming.Batch(entries);
  }

  private static Entry entry(JsonParser parser, String text) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      Slices.value(parser, text);
      return new Entry.Invalid(Entry.NO_ID);
    }
    var fields = new Fields();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      var name = parser.currentName();
      fields.take(name, parser.nextToken(), parser, text);
    }
    return fields.entry();
  }

  /** The fields of one entry. Confined to one thread. */
  private static final class Fields {
    private @Nullable String id;
    private @Nullable String method;
    private @Nullable String params;
    private boolean isVersion2;
    private boolean isStrange;

    void take(String name, JsonToken token, JsonParser parser, String text) throws IOException {
      switch (name) {
        case "jsonrpc" ->
            isVersion2 =
                token == JsonToken.VALUE_STRING && JsonRpc.VERSION.equals(parser.getText());
        case "method" -> {
          if (token == JsonToken.VALUE_STRING) {
            method = parser.getText();
          }
        }
        case "id" -> {
          if (isId(token)) {
            id = Slices.value(parser, text);
          } else {
            isStrange = true;
          }
        }
        case "params" -> {
          if (token.isStructStart()) {
            params = Slices.value(parser, text);
          } else {
            isStrange = true;
          }
        }
        default -> isStrange = true;
      }
      if (parser.currentToken().isStructStart()) {
        parser.skipChildren();
      }
    }

    private static boolean isId(JsonToken token) {
      return switch (token) {
        case VALUE_STRING, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT, VALUE_NULL -> true;
        default -> false;
      };
    }

    Entry entry() {
      return isStrange || !isVersion2 || method == null
          ? new Entry.Invalid(id == null ? Entry.NO_ID : id)
          : new Entry.Call(id, method, params);
    }
  }
}
