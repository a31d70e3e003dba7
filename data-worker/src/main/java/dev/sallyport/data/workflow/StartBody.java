package dev.sallyport.data.workflow;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.model.Problem;
import dev.sallyport.model.Problem.FieldError;
import dev.sallyport.model.ProblemType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks to be started. Read without a tree, so that the parameters are kept as they
 * were written and numbers keep their digits. Immutable.
 *
 * @param workflow the type, where the path does not say it
 * @param params JSON, or null when there are none
 */
record StartBody(@Nullable String workflow, @Nullable String id, @Nullable String params) {
  /** How many runs may be started at once. */
  static final int BATCH_MAX = 100;

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:~-]{0,127}");
  private static final String ID_FORM =
      "is 1 to 128 letters, digits and . _ : ~ - and begins with a letter or digit";

  /** {@code {id?,params}}. */
  static StartBody one(JsonFactory json, byte[] body) {
    return read(json, body, (parser, text) -> start(parser, text, "", "id"));
  }

  /** {@code {workflow,params}}. */
  static StartBody shortForm(JsonFactory json, byte[] body) {
    return read(json, body, (parser, text) -> start(parser, text, "", "workflow"));
  }

  /** {@code {runs:[{id?,params}]}}. */
  static List<StartBody> batch(JsonFactory json, byte[] body) {
    return read(json, body, StartBody::runs);
  }

  /** One JSON value of any kind, such as the payload of an event: its text. */
  static String value(JsonFactory json, byte[] body) {
    return read(
        json,
        body,
        (parser, text) -> {
          parser.skipChildren();
          return text;
        });
  }

  /** The parameters; where there are none, those without a field, which may be all it takes. */
  String paramsFor(Definition definition) {
    if (params != null) {
      return params;
    }
    return definition.params().hasRawClass(Void.class) ? "null" : "{}";
  }

  /** The workflow that the short form always has. */
  String typeOf() {
    return Objects.requireNonNull(workflow);
  }

  private interface Reading<T> {
    /** Is called at the first token, and leaves at the last of the value. */
    T read(JsonParser parser, String text) throws IOException;
  }

  private static <T> T read(JsonFactory json, byte[] body, Reading<T> reading) {
    try {
      var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
      try (var parser = json.createParser(text)) {
        if (parser.nextToken() == null) {
          throw badJson("The body is empty; send one JSON value.");
        }
        var value = reading.read(parser, text);
        if (parser.nextToken() != null) {
          throw badJson("Send one JSON value, not several.");
        }
        return value;
      }
    } catch (CharacterCodingException e) {
      throw badJson("The body is not UTF-8.");
    } catch (JsonProcessingException e) {
      throw badJson("Send one JSON value in UTF-8.");
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory", e);
    }
  }

  private static List<StartBody> runs(JsonParser parser, String text) throws IOException {
    var runs = new ArrayList<StartBody>();
    begin(parser, "");
    boolean some = false;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      if (!parser.currentName().equals("runs")) {
        throw invalid(parser.currentName(), "is not known here");
      }
      some = true;
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw invalid("runs", "is a list");
      }
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (runs.size() == BATCH_MAX) {
          throw Refusal.of(
              ProblemType.TOO_LARGE, "At most " + BATCH_MAX + " runs are started at once.");
        }
        runs.add(start(parser, text, "runs[" + runs.size() + "].", "id"));
      }
    }
    if (!some || runs.isEmpty()) {
      throw invalid("runs", "has at least one entry");
    }
    return runs;
  }

  /**
   * @param name the field beside {@code params}
   */
  private static StartBody start(JsonParser parser, String text, String path, String name)
      throws IOException {
    begin(parser, path);
    String named = null;
    String params = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      var field = parser.currentName();
      parser.nextToken();
      if (field.equals("params")) {
        params = raw(parser, text);
      } else if (field.equals(name)) {
        named = string(parser, path + name);
      } else {
        throw invalid(path + field, "is not known here");
      }
    }
    if (name.equals("workflow")) {
      if (named == null) {
        throw invalid(name, "is missing");
      }
      return new StartBody(named, null, params);
    }
    if (named != null && !isId(named)) {
      throw invalid(path + name, ID_FORM);
    }
    return new StartBody(null, named, params);
  }

  private static void begin(JsonParser parser, String path) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw invalid(
          path.isEmpty() ? "body" : path.substring(0, path.length() - 1), "is a JSON object");
    }
  }

  private static @Nullable String string(JsonParser parser, String field) throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_NULL -> null;
      case VALUE_STRING -> parser.getText();
      default -> throw invalid(field, "is a string");
    };
  }

  /** The text of the value that begins here. */
  private static String raw(JsonParser parser, String text) throws IOException {
    int from = (int) parser.currentTokenLocation().getCharOffset();
    parser.skipChildren();
    parser.finishToken();
    int to = (int) parser.currentLocation().getCharOffset();
    return text.substring(from, to);
  }

  static boolean isId(String id) {
    return ID.matcher(id).matches();
  }

  static Refusal invalid(String field, String message) {
    return Refusal.of(Problem.invalid(List.of(new FieldError(field, message))));
  }

  private static Refusal badJson(String detail) {
    return Refusal.of(ProblemType.BAD_JSON, detail);
  }
}
