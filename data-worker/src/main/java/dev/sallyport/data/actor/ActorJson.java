package dev.sallyport.data.actor;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.data.binding.Misfit;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What goes into actors and comes out of them, as JSON. Thread-safe. */
@Singleton
class ActorJson {
  /** What one actor keeps, and what a call brings or is answered. */
  static final int BYTES_MAX = 1024 * 1024;

  private static final byte[] NO_FIELDS = {'{', '}'};

  private final ObjectMapper mapper;

  @Inject
  ActorJson(ObjectMapper mapper) {
    this.mapper = mapper;
  }

  /**
   * Reads what a caller sent; no body counts as one without fields.
   *
   * @throws Refusal 400 or 422
   */
  <P> @Nullable P params(byte[] body, Class<P> type) {
    var json = body.length == 0 ? NO_FIELDS : body;
    try {
      if (type == Void.class) {
        // Anything that is JSON and says nothing.
        var given = mapper.readTree(json);
        if (!given.isEmpty() || (given.isValueNode() && !given.isNull())) {
          throw ActorError.misfit("body", "this method takes nothing");
        }
        return null;
      }
      var params = mapper.readValue(json, type);
      if (params == null) {
        throw ActorError.misfit("body", "must be a JSON object");
      }
      return params;
    } catch (JsonMappingException misfit) {
      throw misfit(misfit);
    } catch (IOException notJson) {
      throw ActorError.badJson();
    }
  }

  private static Refusal misfit(JsonMappingException failure) {
    if (Misfit.isBroken(failure)) {
      return ActorError.badJson();
    }
    var misfit = Misfit.of("", failure);
    return ActorError.misfit(misfit.field(), misfit.message());
  }

  /**
   * What is kept or answered.
   *
   * @throws Refusal 413 where it is too large
   * @throws IllegalArgumentException where it cannot be JSON
   */
  String json(@Nullable Object value) {
    try {
      var json = mapper.writeValueAsString(value);
      if (json.length() > BYTES_MAX
          || (json.length() > BYTES_MAX / 3
              && json.getBytes(StandardCharsets.UTF_8).length > BYTES_MAX)) {
        throw ActorError.tooLarge();
      }
      return json;
    } catch (JacksonException e) {
      throw new IllegalArgumentException("cannot be JSON: " + e.getMessage(), e);
    }
  }

  /**
   * What a call was answered, for whoever called.
   *
   * @throws IllegalStateException where it does not fit
   */
  @SuppressWarnings("NullAway") // for Void there is nothing else
  <R> R reply(String json, Class<R> type) {
    try {
      var reply = type == Void.class ? null : mapper.readValue(json, type);
      if (reply == null && type != Void.class) {
        throw new IllegalStateException("the reply is null and no " + type.getName());
      }
      return reply;
    } catch (JacksonException e) {
      throw new IllegalStateException(
          "the reply is no " + type.getName() + ": " + e.getOriginalMessage(), e);
    }
  }

  /** A problem that another worker noted; one that cannot be read is an internal one. */
  Problem problem(String json) {
    try {
      return mapper.readValue(json, ProblemNote.class).problem();
    } catch (JacksonException e) {
      return Problem.of(ProblemType.INTERNAL, "What the actor refused with cannot be read.");
    }
  }

  /**
   * What was kept.
   *
   * @throws IllegalStateException where it does not fit the class any more
   */
  <S> S state(String json, Class<S> type) {
    try {
      return mapper.readValue(json, type);
    } catch (JacksonException e) {
      throw new IllegalStateException(
          "what was kept is no " + type.getName() + " any more: " + e.getOriginalMessage(), e);
    }
  }
}
