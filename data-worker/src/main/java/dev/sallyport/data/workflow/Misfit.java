package dev.sallyport.data.workflow;

import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import dev.sallyport.model.Problem.FieldError;

/** Tells a client which field of its JSON does not fit, without a word of Jackson's own. */
final class Misfit {
  private Misfit() {}

  /**
   * @param root how the client calls the value that was read
   */
  static FieldError of(String root, JsonMappingException failure) {
    var field = new StringBuilder(root);
    for (var step : failure.getPath()) {
      if (step.getFieldName() == null) {
        field.append('[').append(step.getIndex()).append(']');
      } else {
        field.append('.').append(step.getFieldName());
      }
    }
    return new FieldError(field.toString(), message(failure));
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
