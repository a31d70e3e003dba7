package dev.sallyport.data.workflow;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.data.binding.Misfit;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.model.Problem;
import dev.sallyport.model.Problem.FieldError;
import dev.sallyport.model.ProblemType;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * JSON in and out of runs: parameters and events from clients, which must fit, and results of
 * steps, which must come back from the journal as they went in. Thread-safe.
 */
@Singleton
class Payloads {
  /** design.md, section 7. */
  static final int BYTES_MAX = 1024 * 1024;

  /** How JSON spells the one character that Postgres refuses in jsonb. */
  private static final String NUL = "\\u0000";

  private final ObjectMapper strict;
  private final ObjectMapper journal;

  @Inject
  Payloads(ObjectMapper mapper) {
    this.strict = mapper;
    // A later release may have dropped a field that an old result still has.
    this.journal = mapper.copy().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
  }

  /** What is kept of a value: its JSON, and how to read it back. */
  record Kept(String json, @Nullable String shape) {}

  /**
   * Turns a step's result into what is kept.
   *
   * @throws WorkflowError {@code UNSERIALIZABLE} or {@code TOO_LARGE}, naming the step and the
   *     class
   */
  Kept keep(String step, @Nullable Object value) {
    if (value == null) {
      return new Kept("null", null);
    }
    try {
      var shape = Shape.of(value);
      var json = journal.writeValueAsString(value);
      if (hasNul(json)) {
        throw unserializable(step, value, "it contains the character U+0000");
      }
      if (isTooLarge(json)) {
        throw WorkflowError.of(
            new ErrorNote(
                WorkflowError.Code.TOO_LARGE,
                "step " + step + ": its result is larger than " + BYTES_MAX + " bytes",
                step,
                false));
      }
      return new Kept(json, shape);
    } catch (JacksonException | Shape.Unreadable e) {
      throw unserializable(step, value, ErrorNote.describe(e));
    }
  }

  /**
   * Reads a result back.
   *
   * @throws WorkflowError {@code UNSERIALIZABLE} when its class cannot be read from its own JSON
   */
  @Nullable Object read(String step, String json, @Nullable String shape) {
    if (shape == null) {
      return null;
    }
    try {
      return journal.readValue(json, Shape.type(shape, journal.getTypeFactory()));
    } catch (JacksonException | Shape.Unreadable e) {
      throw WorkflowError.of(
          new ErrorNote(
              WorkflowError.Code.UNSERIALIZABLE,
              "step "
                  + step
                  + ": its result cannot be read back as "
                  + shape
                  + " ("
                  + e.getClass().getSimpleName()
                  + ")",
              step,
              false));
    }
  }

  /** The value itself where it cannot change and comes back equal; else what a replay would see. */
  @Nullable Object asReplayed(String step, @Nullable Object value, Kept kept) {
    return value == null || Shape.isPlain(value) ? value : read(step, kept.json(), kept.shape());
  }

  /**
   * A run's parameters, which fitted when they came.
   *
   * @throws WorkflowError {@code DIVERGED} when they do not fit the code any more
   */
  @Nullable Object params(String json, JavaType type) {
    try {
      return journal.readValue(json, type);
    } catch (JacksonException e) {
      throw WorkflowError.of(
          new ErrorNote(
              WorkflowError.Code.DIVERGED,
              "the run's parameters no longer fit " + type.getRawClass().getSimpleName(),
              null,
              false));
    }
  }

  /** The output of a child, as its workflow declares it. */
  @Nullable Object childResult(String step, String json, JavaType type) {
    try {
      return journal.readValue(json, type);
    } catch (JacksonException e) {
      throw WorkflowError.of(
          new ErrorNote(
              WorkflowError.Code.UNSERIALIZABLE,
              "child " + step + ": its output is no " + type.getRawClass().getSimpleName(),
              step,
              false));
    }
  }

  /** JSON of something of our own. */
  String json(Object value) {
    try {
      return journal.writeValueAsString(value);
    } catch (JacksonException e) {
      throw new IllegalStateException("cannot be JSON: " + value.getClass(), e);
    }
  }

  /** Reads back what {@link #json} wrote. */
  <T> T own(String json, Class<T> type) {
    try {
      return journal.readValue(json, type);
    } catch (JacksonException e) {
      throw new IllegalStateException("is no " + type.getSimpleName(), e);
    }
  }

  /** An event's payload as the class it is waited for. */
  <T> T event(String name, String json, Class<T> type) {
    try {
      return journal.readValue(json, type);
    } catch (JacksonException e) {
      throw WorkflowError.of(
          new ErrorNote(
              WorkflowError.Code.EVENT_MISFIT,
              "event " + name + " came with a payload that is no " + type.getSimpleName(),
              name,
              false));
    }
  }

  /**
   * Reads what a client sent for a class.
   *
   * @param field how the client calls the whole, such as {@code params}
   * @throws Refusal 422 naming the field that does not fit
   */
  @Nullable Object fromClient(String field, String json, JavaType type) {
    try {
      return strict.readValue(json, type);
    } catch (JsonMappingException e) {
      throw Refusal.of(Problem.invalid(List.of(Misfit.of(field, e))));
    } catch (JacksonException e) {
      throw Refusal.of(ProblemType.BAD_JSON, "Send one JSON value in UTF-8.");
    }
  }

  /** A client's JSON as text that may be kept: its size and what Postgres can hold. */
  void checkFromClient(String field, String json) {
    if (isTooLarge(json)) {
      throw Refusal.of(ProblemType.TOO_LARGE, "At most " + BYTES_MAX + " bytes are taken.");
    }
    if (hasNul(json)) {
      throw Refusal.of(
          Problem.invalid(List.of(new FieldError(field, "must not contain the character U+0000"))));
    }
  }

  JavaType type(Type type) {
    return strict.constructType(type);
  }

  private static boolean isTooLarge(String json) {
    // A character is at most three bytes, or two characters are four.
    return json.length() > BYTES_MAX
        || (json.length() > BYTES_MAX / 3
            && json.getBytes(StandardCharsets.UTF_8).length > BYTES_MAX);
  }

  /**
   * Whether it has an escaped NUL: the backslash before {@code u0000} must not be escaped itself.
   */
  static boolean hasNul(String json) {
    for (int at = json.indexOf(NUL); at >= 0; at = json.indexOf(NUL, at + 1)) {
      int before = at;
      while (before > 0 && json.charAt(before - 1) == '\\') {
        before--;
      }
      if ((at - before) % 2 == 0) {
        return true;
      }
    }
    return false;
  }

  private static WorkflowError unserializable(String step, Object value, String why) {
    return WorkflowError.of(
        new ErrorNote(
            WorkflowError.Code.UNSERIALIZABLE,
            "step "
                + step
                + ": its result of "
                + value.getClass().getName()
                + " cannot be kept: "
                + why,
            step,
            false));
  }
}
