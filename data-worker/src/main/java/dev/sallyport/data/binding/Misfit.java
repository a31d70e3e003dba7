package dev.sallyport.data.binding;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import dev.sallyport.model.Problem.FieldError;

/** Tells a client which field of its JSON does not fit, without a word of Jackson's own. */
public final class Misfit {
  private Misfit() {}

  /** Whether it is no JSON at all, rather than JSON that does not fit. */
  public static boolean isBroken(JsonMappingException failure) {
    return failure.getCause() instanceof JsonParseException
        || failure.getOriginalMessage().startsWith("Trailing token");
  }

  /**
   * The field, and what is wrong with it.
   *
   * @param root how the client calls the value that was read; empty where it is the whole body
   */
  public static FieldError of(String root, JsonMappingException failure) {
    var field = path(root, failure);
    return new FieldError(field.isEmpty() ? "body" : field, message(failure));
  }

  /** {@code runs[2].params.key}, as a client would write it; the root alone for all of it. */
  static String path(String root, JsonMappingException failure) {
    var field = new StringBuilder(root);
    for (var step : failure.getPath()) {
      if (step.getFieldName() == null) {
        field.append('[').append(step.getIndex()).append(']');
      } else {
        field.append(field.isEmpty() ? "" : ".").append(step.getFieldName());
      }
    }
    return field.toString();
  }

  private static String message(JsonMappingException failure) {
    return switch (failure) {
      case UnrecognizedPropertyException unknown -> "is not known here";
      // A record's own constructor refused it, in words that were written for clients.
      case ValueInstantiationException refused
          when refused.getCause() instanceof IllegalArgumentException why
              && why.getMessage() != null ->
          why.getMessage();
      default -> "has not the expected form";
    };
  }
}
