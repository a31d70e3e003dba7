package dev.sallyport.data.workflow;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.type.TypeFactory;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How to read a result back: a class's name, or {@code List(…)}, {@code Set(…)}, {@code Map(…)},
 * {@code Optional(…)} of one. A lambda does not tell what it returns, so the shape is taken from
 * the value. What a class declares of its own fields is not repeated.
 */
final class Shape {
  /** Any JSON at all. */
  private static final String JSON = "json";

  /** Cannot change, and are found by name without reflection. */
  private static final Map<String, Class<?>> PLAIN =
      Stream.of(
              String.class,
              Boolean.class,
              Integer.class,
              Long.class,
              Double.class,
              BigInteger.class,
              BigDecimal.class,
              UUID.class,
              Instant.class,
              Duration.class,
              LocalDate.class)
          .collect(Collectors.toUnmodifiableMap(Class::getName, type -> type));

  private Shape() {}

  /** A value that this could not read back. */
  static final class Unreadable extends RuntimeException {
    Unreadable(String message) {
      super(message);
    }
  }

  /** Whether a value cannot change and is equal to what is read back. */
  static boolean isPlain(Object value) {
    return PLAIN.containsKey(value.getClass().getName());
  }

  /**
   * The shape of a value.
   *
   * @throws Unreadable when JSON would not say enough to read it back
   */
  static String of(Object value) {
    return switch (value) {
      case List<?> list -> "List(" + common(list) + ")";
      case Set<?> set -> "Set(" + common(set) + ")";
      case Map<?, ?> map -> {
        if (!map.keySet().stream().allMatch(String.class::isInstance)) {
          throw new Unreadable("the keys of a map must be strings");
        }
        yield "Map(" + common(map.values()) + ")";
      }
      case Optional<?> optional -> "Optional(" + common(optional.stream().toList()) + ")";
      case JsonNode json -> JSON;
      case Enum<?> constant -> constant.getDeclaringClass().getName();
      default -> ofClass(value.getClass());
    };
  }

  private static String ofClass(Class<?> type) {
    if (type.getTypeParameters().length > 0) {
      throw new Unreadable(
          type.getSimpleName() + " has type parameters: return a class of your own without any");
    }
    if (type.isAnonymousClass() || type.isHidden() || type.isSynthetic()) {
      throw new Unreadable("its class has no name to find it by");
    }
    return type.getName();
  }

  /** The one shape of all elements; empty when there are none but nulls. */
  private static String common(Collection<?> elements) {
    var shape = "";
    for (var element : elements) {
      if (element != null) {
        shape = fuller(shape, of(element));
      }
    }
    return shape;
  }

  /**
   * Of two shapes of alike values the one that says more: an empty list says nothing of its kind.
   */
  private static String fuller(String one, String other) {
    if (one.equals(other) || other.isEmpty()) {
      return one;
    }
    if (one.isEmpty()) {
      return other;
    }
    int open = one.indexOf('(') + 1;
    if (open > 0 && other.startsWith(one.substring(0, open))) {
      var inner =
          fuller(one.substring(open, one.length() - 1), other.substring(open, other.length() - 1));
      return one.substring(0, open) + inner + ")";
    }
    throw new Unreadable("its elements are of different classes");
  }

  /**
   * The type to read into.
   *
   * @throws Unreadable when a class is not there any more
   */
  static JavaType type(String shape, TypeFactory types) {
    if (shape.isEmpty()) {
      return types.constructType(Object.class);
    }
    if (shape.equals(JSON)) {
      return types.constructType(JsonNode.class);
    }
    int open = shape.indexOf('(');
    if (open < 0) {
      return types.constructType(named(shape));
    }
    var inner = type(shape.substring(open + 1, shape.length() - 1), types);
    return switch (shape.substring(0, open)) {
      case "List" -> types.constructCollectionType(List.class, inner);
      case "Set" -> types.constructCollectionType(Set.class, inner);
      case "Map" -> types.constructMapType(Map.class, types.constructType(String.class), inner);
      case "Optional" -> types.constructReferenceType(Optional.class, inner);
      default -> throw new Unreadable("the journal has an unknown shape");
    };
  }

  private static Class<?> named(String name) {
    var plain = PLAIN.get(name);
    if (plain != null) {
      return plain;
    }
    try {
      return Class.forName(name, true, Shape.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new Unreadable("there is no class " + name + " any more");
    }
  }
}
