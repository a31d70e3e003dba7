package dev.sallyport.data.actor;

import dev.sallyport.data.binding.Access;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What actors of one type answer to. Immutable; each method gives a changed copy.
 *
 * @param type how they are addressed: lower case letters, digits and dashes, 63 at the most
 * @param state what one keeps
 * @param initial what one that never kept anything has
 */
public record Behaviour<S>(
    String type,
    Class<S> state,
    S initial,
    Map<String, Method<S, ?>> methods,
    Map<String, Alarm<S>> alarms) {
  private static final Pattern TYPE = Pattern.compile("[a-z][a-z0-9-]{0,62}");
  private static final Pattern NAME = Pattern.compile("[a-zA-Z][a-zA-Z0-9-]{0,62}");

  /** Serves one call, on a virtual thread; may block. */
  @FunctionalInterface
  public interface Body<S, P, R extends @Nullable Object> {
    /**
     * The call.
     *
     * @return becomes the reply's JSON
     * @throws Exception is the caller's answer; nothing that this turn did is kept
     */
    R serve(Turn<S> turn, P params) throws Exception;
  }

  /** Is woken, on a virtual thread; may block. */
  @FunctionalInterface
  public interface Wake<S> {
    /**
     * The alarm.
     *
     * @throws Exception it is tried again later; nothing that this turn did is kept
     */
    void wake(Turn<S> turn) throws Exception;
  }

  /**
   * One method.
   *
   * @param params what the call's JSON is read into; {@code Void} for none
   * @param access who may call it over HTTP
   */
  public record Method<S, P>(
      String name, Class<P> params, Access access, Body<S, P, ? extends @Nullable Object> body) {}

  /** What is done when an alarm of this name rings. */
  public record Alarm<S>(String name, Wake<S> wake) {}

  public Behaviour {
    methods = Map.copyOf(methods);
    alarms = Map.copyOf(alarms);
    if (!TYPE.matcher(type).matches()) {
      throw new IllegalArgumentException("a type of actor is named like " + TYPE + ", not " + type);
    }
  }

  /** One without methods yet. */
  public static <S> Behaviour<S> of(String type, Class<S> state, S initial) {
    return new Behaviour<>(type, state, initial, Map.of(), Map.of());
  }

  /**
   * With one more method.
   *
   * @throws IllegalArgumentException where there is one of this name, or it is none
   */
  public <P> Behaviour<S> method(
      String name, Class<P> params, Access access, Body<S, P, ? extends @Nullable Object> body) {
    var more = new HashMap<String, Method<S, ?>>(methods);
    if (more.put(checked(name), new Method<>(name, params, access, body)) != null) {
      throw new IllegalArgumentException(type + " has two methods " + name);
    }
    return new Behaviour<>(type, state, initial, more, alarms);
  }

  /**
   * With one more alarm.
   *
   * @throws IllegalArgumentException where there is one of this name, or it is none
   */
  public Behaviour<S> alarm(String name, Wake<S> wake) {
    var more = new HashMap<String, Alarm<S>>(alarms);
    if (more.put(checked(name), new Alarm<>(name, wake)) != null) {
      throw new IllegalArgumentException(type + " has two alarms " + name);
    }
    return new Behaviour<>(type, state, initial, methods, more);
  }

  private static String checked(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "a method or alarm is named like " + NAME + ", not " + name);
    }
    return name;
  }
}
