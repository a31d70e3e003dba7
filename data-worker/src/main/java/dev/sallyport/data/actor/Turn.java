package dev.sallyport.data.actor;

import dev.sallyport.data.binding.Caller;
import dev.sallyport.data.platform.Tx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One call, or one alarm, while an actor serves it. All that is done through it is committed
 * together once the method has returned, before its caller hears of it; if it throws, nothing is.
 * Confined to the thread that serves.
 */
public final class Turn<S> {
  /** The longest time that an alarm can be set for. */
  static final Duration ALARM_MAX = Duration.ofDays(3660);

  /** Alarms that one turn may set and end. */
  static final int ALARMS_MAX = 100;

  /** Other rows that are written together with the actor's own. */
  @FunctionalInterface
  public interface Along {
    /**
     * Writes; may be run several times, so it acts on {@code tx} alone.
     *
     * @throws Exception is the caller's answer; nothing is committed
     */
    void write(Tx tx) throws Exception;
  }

  private final Address address;
  private final @Nullable Caller caller;
  private final Behaviour<S> behaviour;
  private final InstantSource clock;
  private final Map<String, @Nullable Duration> alarms = new LinkedHashMap<>();
  private final List<Along> along = new ArrayList<>();
  private S state;
  private boolean changed;

  Turn(
      Address address,
      @Nullable Caller caller,
      Behaviour<S> behaviour,
      S state,
      InstantSource clock) {
    this.address = address;
    this.caller = caller;
    this.behaviour = behaviour;
    this.state = state;
    this.clock = clock;
  }

  /** The actor's key. */
  public String key() {
    return address.key();
  }

  /** Who calls over HTTP; empty for code of this system and for an alarm. */
  public Optional<Caller> caller() {
    return Optional.ofNullable(caller);
  }

  /** The time, by the clock of Postgres, give or take the way there. */
  public Instant now() {
    return clock.instant();
  }

  /** What the actor keeps, with what this turn made of it. */
  public S state() {
    return state;
  }

  /** Keeps this instead; gives it back. */
  public S become(S next) {
    state = next;
    changed = true;
    return next;
  }

  /**
   * Has an alarm of the behaviour ring in this time, or as soon after it as it can; at least once,
   * and again after a failure. One that was set before is replaced.
   *
   * @throws IllegalArgumentException where the behaviour has no such alarm, or the time is negative
   *     or longer than ten years
   */
  public void wakeIn(String alarm, Duration time) {
    check(alarm);
    if (time.isNegative() || time.compareTo(ALARM_MAX) > 0) {
      throw new IllegalArgumentException("an alarm is set for up to " + ALARM_MAX + ": " + time);
    }
    alarms.put(alarm, time);
  }

  /** Lets an alarm never ring; without one nothing happens. */
  public void sleep(String alarm) {
    check(alarm);
    alarms.put(alarm, null);
  }

  /** Has other rows written in the very transaction that keeps what this turn did. */
  public void along(Along rows) {
    along.add(rows);
  }

  private void check(String alarm) {
    if (!behaviour.alarms().containsKey(alarm)) {
      throw new IllegalArgumentException(address.type() + " has no alarm " + alarm);
    }
    if (alarms.size() == ALARMS_MAX && !alarms.containsKey(alarm)) {
      throw new IllegalArgumentException("one turn sets " + ALARMS_MAX + " alarms at the most");
    }
  }

  boolean isChanged() {
    return changed;
  }

  /** What becomes of alarms, by name: rings in this time, or never. */
  Map<String, @Nullable Duration> alarms() {
    return alarms;
  }

  List<Along> along() {
    return along;
  }
}
