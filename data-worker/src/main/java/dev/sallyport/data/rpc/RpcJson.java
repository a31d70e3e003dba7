package dev.sallyport.data.rpc;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.type.LogicalType;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * JSON as the worker has it everywhere, but that a parameter's type is its type: no text counts as
 * a number, and no number as another kind of it. Thread-safe.
 */
@Singleton
class RpcJson {
  private static final List<LogicalType> SCALARS =
      List.of(LogicalType.Integer, LogicalType.Float, LogicalType.Boolean);

  private final ObjectMapper mapper;

  @Inject
  RpcJson(ObjectMapper mapper) {
    this.mapper = mapper.copy().disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT);
    for (var scalar : SCALARS) {
      refuse(scalar, CoercionInputShape.String);
      refuse(scalar, CoercionInputShape.EmptyString);
      refuse(LogicalType.Textual, shape(scalar));
    }
    refuse(LogicalType.Integer, CoercionInputShape.Boolean);
    refuse(LogicalType.Boolean, CoercionInputShape.Integer);
    refuse(LogicalType.Enum, CoercionInputShape.Integer);
  }

  private static CoercionInputShape shape(LogicalType scalar) {
    return switch (scalar) {
      case Integer -> CoercionInputShape.Integer;
      case Float -> CoercionInputShape.Float;
      default -> CoercionInputShape.Boolean;
    };
  }

  private void refuse(LogicalType type, CoercionInputShape shape) {
    mapper.coercionConfigFor(type).setCoercion(shape, CoercionAction.Fail);
  }

  JavaType type(Type type) {
    return mapper.constructType(type);
  }

  JsonParser parser(String text) {
    try {
      // Of an array, not of a text: one buffer, so that places in it are simply counted.
      return mapper.getFactory().createParser(text.toCharArray());
    } catch (IOException e) {
      throw new UncheckedIOException("a text in memory", e);
    }
  }

  /**
   * A value of that type.
   *
   * @throws JacksonException where it does not fit
   */
  @Nullable Object read(String json, JavaType type) throws JacksonException {
    return mapper.readValue(json, type);
  }

  /** Writes UTF-8. */
  void write(OutputStream out, @Nullable Object value) throws IOException {
    mapper.writeValue(out, value);
  }
}
