package dev.sallyport.data.rpc;

import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * JSON Schema of what JSON is read into here: records, which are named and referred to, and what
 * they are made of. What it does not know may be anything. Confined to one thread.
 */
final class Schemas {
  private static final Map<Class<?>, String> FORMATS =
      Map.of(
          UUID.class, "uuid",
          URI.class, "uri",
          Instant.class, "date-time",
          OffsetDateTime.class, "date-time",
          LocalDate.class, "date",
          Duration.class, "duration");

  private static final List<Class<?>> INTEGERS =
      List.of(
          byte.class,
          Byte.class,
          short.class,
          Short.class,
          int.class,
          Integer.class,
          long.class,
          Long.class,
          BigInteger.class);

  private static final List<Class<?>> NUMBERS =
      List.of(float.class, Float.class, double.class, Double.class, BigDecimal.class);

  private static final List<Class<?>> NOTHING = List.of(void.class, Void.class);

  private final Map<String, Map<String, Object>> named = new TreeMap<>();
  private final Map<Class<?>, String> names = new LinkedHashMap<>();

  /** The records that were met, by the names that are referred to. */
  Map<String, Map<String, Object>> named() {
    return named;
  }

  /** The schema of a type, as what JSON is made of. */
  Map<String, Object> of(Type type) {
    return switch (type) {
      case ParameterizedType generic -> generic((Class<?>) generic.getRawType(), generic);
      case GenericArrayType array ->
          Map.of("type", "array", "items", of(array.getGenericComponentType()));
      case Class<?> plain -> plain(plain);
      default -> Map.of();
    };
  }

  private Map<String, Object> generic(Class<?> raw, ParameterizedType type) {
    var arguments = type.getActualTypeArguments();
    if (Collection.class.isAssignableFrom(raw) && arguments.length == 1) {
      return Map.of("type", "array", "items", of(arguments[0]));
    }
    if (Map.class.isAssignableFrom(raw) && arguments.length == 2) {
      return Map.of("type", "object", "additionalProperties", of(arguments[1]));
    }
    if (raw == Optional.class) {
      return Map.of("anyOf", List.of(of(arguments[0]), Map.of("type", "null")));
    }
    return plain(raw);
  }

  private Map<String, Object> plain(Class<?> type) {
    var format = FORMATS.get(type);
    if (format != null) {
      return Map.of("type", "string", "format", format);
    }
    if (INTEGERS.contains(type)) {
      return Map.of("type", "integer");
    }
    if (NUMBERS.contains(type)) {
      return Map.of("type", "number");
    }
    if (type == boolean.class || type == Boolean.class) {
      return Map.of("type", "boolean");
    }
    if (NOTHING.contains(type)) {
      return Map.of("type", "null");
    }
    if (CharSequence.class.isAssignableFrom(type) || type == char.class) {
      return Map.of("type", "string");
    }
    return structured(type);
  }

  private Map<String, Object> structured(Class<?> type) {
    if (type.isEnum()) {
      var constants = type.getEnumConstants();
      return Map.of(
          "type",
          "string",
          "enum",
          Arrays.stream(constants).map(one -> ((Enum<?>) one).name()).toList());
    }
    if (type == byte[].class) {
      return Map.of("type", "string", "contentEncoding", "base64");
    }
    if (type.isArray()) {
      return Map.of("type", "array", "items", of(type.getComponentType()));
    }
    if (Collection.class.isAssignableFrom(type)) {
      return Map.of("type", "array");
    }
    if (Map.class.isAssignableFrom(type)) {
      return Map.of("type", "object");
    }
    return type.isRecord() ? Map.of("$ref", "#/components/schemas/" + name(type)) : Map.of();
  }

  /** Named before its fields are looked at: a record may have a field of its own kind. */
  private String name(Class<?> type) {
    var known = names.get(type);
    if (known != null) {
      return known;
    }
    var name = type.getSimpleName();
    if (named.containsKey(name)) {
      name = name + named.size();
    }
    names.put(type, name);
    named.put(name, Map.of());
    named.put(name, fields(type));
    return name;
  }

  private Map<String, Object> fields(Class<?> type) {
    var properties = new LinkedHashMap<String, Object>();
    var required = new ArrayList<String>();
    for (var component : type.getRecordComponents()) {
      properties.put(component.getName(), of(component.getGenericType()));
      if (!mayBeAbsent(component)) {
        required.add(component.getName());
      }
    }
    var schema = new LinkedHashMap<String, Object>();
    schema.put("type", "object");
    schema.put("properties", properties);
    if (!required.isEmpty()) {
      schema.put("required", required);
    }
    schema.put("additionalProperties", false);
    return schema;
  }

  private static boolean mayBeAbsent(RecordComponent component) {
    return component.getType() == Optional.class
        || component.getAnnotatedType().isAnnotationPresent(Nullable.class);
  }
}
