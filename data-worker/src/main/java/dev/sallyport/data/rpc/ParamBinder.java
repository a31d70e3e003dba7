package dev.sallyport.data.rpc;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonMappingException;
import dev.sallyport.data.binding.Misfit;
import dev.sallyport.model.Problem.FieldError;
import dev.sallyport.model.rpc.RpcContract.Parameter;
import dev.sallyport.model.rpc.RpcException;
import dev.sallyport.model.rpc.RpcFault;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Fits what was sent, by position or by name, to the parameters of a method. Thread-safe. */
@Singleton
class ParamBinder {
  /** Of more than these nobody is told. */
  private static final int SHOWN_MAX = 10;

  private static final int NAME_SHOWN_MAX = 100;

  private final RpcJson json;

  @Inject
  ParamBinder(RpcJson json) {
    this.json = json;
  }

  /**
   * The arguments, in order.
   *
   * @param params JSON, an object or an array; null for none
   * @throws RpcException {@code INVALID_PARAMS}, naming each one that does not fit
   */
  @Nullable Object[] bind(Offered method, @Nullable String params) {
    var errors = new ArrayList<FieldError>(0);
    var parameters = method.operation().parameters();
    var given = new HashMap<String, String>();
    if (params != null) {
      if (!Escapes.areText(params)) {
        errors.add(new FieldError("params", "must not contain U+0000 or half of a surrogate pair"));
      }
      try {
        split(params, parameters, given, errors);
      } catch (IOException e) {
        throw new UncheckedIOException("what was read once", e);
      }
    }
    var arguments = new @Nullable Object[parameters.size()];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = argument(parameters.get(i), method.types().get(i), given, errors);
    }
    if (!errors.isEmpty()) {
      throw RpcFault.INVALID_PARAMS.because(Map.of("errors", shown(errors)));
    }
    return arguments;
  }

  private static List<Map<String, String>> shown(List<FieldError> errors) {
    return errors.stream()
        .limit(SHOWN_MAX)
        .map(one -> Map.of("field", one.field(), "message", one.message()))
        .toList();
  }

  private void split(
      String params, List<Parameter> parameters, Map<String, String> given, List<FieldError> errors)
      throws IOException {
    try (var parser = json.parser(params)) {
      if (parser.nextToken() == JsonToken.START_OBJECT) {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          var name = parser.currentName();
          parser.nextToken();
          var value = Slices.value(parser, params);
          if (parameters.stream().anyMatch(one -> one.name().equals(name))) {
            given.put(name, value);
          } else if (errors.size() < SHOWN_MAX) {
            errors.add(new FieldError(shortened(name), "is not known here"));
          }
        }
      } else {
        var values = new ArrayList<String>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          values.add(Slices.value(parser, params));
        }
        place(values, parameters, given, errors);
      }
    }
  }

  private static String shortened(String name) {
    return name.length() > NAME_SHOWN_MAX ? name.substring(0, NAME_SHOWN_MAX) + "…" : name;
  }

  private static void place(
      List<String> values,
      List<Parameter> parameters,
      Map<String, String> given,
      List<FieldError> errors) {
    int fixed = parameters.size();
    if (fixed > 0 && parameters.getLast().variadic()) {
      fixed--;
      var rest = values.subList(Math.min(fixed, values.size()), values.size());
      given.put(parameters.getLast().name(), "[" + String.join(",", rest) + "]");
    } else if (values.size() > fixed) {
      errors.add(new FieldError("params", "has more than " + fixed + " values"));
    }
    for (int i = 0; i < Math.min(fixed, values.size()); i++) {
      given.put(parameters.get(i).name(), values.get(i));
    }
  }

  private @Nullable Object argument(
      Parameter parameter, JavaType type, Map<String, String> given, List<FieldError> errors) {
    var value = given.get(parameter.name());
    if (value == null && parameter.variadic()) {
      value = "[]";
    }
    if (value == null) {
      if (parameter.required()) {
        errors.add(new FieldError(parameter.name(), "is missing"));
      }
      return null;
    }
    try {
      var argument = json.read(value, type);
      if (argument == null && (parameter.required() || parameter.variadic())) {
        errors.add(new FieldError(parameter.name(), "must not be null"));
      }
      return argument;
    } catch (JsonMappingException misfit) {
      errors.add(Misfit.of(parameter.name(), misfit));
    } catch (JacksonException | RuntimeException misfit) {
      // Some readers let exceptions of what they make through, as for a number that is no instant.
      errors.add(new FieldError(parameter.name(), "has not the expected form"));
    }
    return null;
  }
}
