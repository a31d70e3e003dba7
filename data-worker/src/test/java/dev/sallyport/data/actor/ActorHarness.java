package dev.sallyport.data.actor;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.data.binding.Caller;
import dev.sallyport.data.binding.StrictJson;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Actors of one type in memory, for tests of what they do: no store, and a clock that is moved by
 * hand. What goes in and out is JSON, as over HTTP; what a call did is kept if it returned, and an
 * alarm that fails rings again later, as in a worker. Rows that a turn writes along are not
 * written, only counted. Confined to one thread.
 */
public final class ActorHarness<S> {
  private final Behaviour<S> behaviour;
  private final ObjectMapper mapper = StrictJson.mapper();
  private final ActorJson json = new ActorJson(mapper);
  private final Map<String, One> actors = new HashMap<>();
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private @Nullable Caller caller;

  /** What one actor keeps. */
  private static final class One {
    private @Nullable String state;
    private int along;
    private final Map<String, Ring> rings = new HashMap<>();
  }

  private record Ring(Instant at, int attempt) {}

  private record Due(String key, String alarm, Ring ring) {}

  private ActorHarness(Behaviour<S> behaviour) {
    this.behaviour = behaviour;
  }

  /** A harness for actors of this kind. */
  public static <S> ActorHarness<S> of(Actor<S> actor) {
    return new ActorHarness<>(actor.behaviour());
  }

  /** Whose calls come from now on; without one they come from code of the system. */
  public ActorHarness<S> calledBy(Caller who) {
    caller = who;
    return this;
  }

  public Instant now() {
    return now;
  }

  /**
   * Calls a method.
   *
   * @param params becomes JSON
   * @param type what the reply's JSON is read into
   * @throws Exception the method's own, or a refusal of what does not fit
   */
  public <R> R call(String key, String method, Object params, Class<R> type) throws Exception {
    var known = behaviour.methods().get(method);
    if (known == null) {
      throw ActorError.notFound();
    }
    var turn = turn(key, caller);
    var reply = json.json(serve(known, turn, mapper.writeValueAsString(params)));
    keep(key, turn);
    return mapper.readValue(reply, type);
  }

  @SuppressWarnings("NullAway") // for Void there is nothing else
  private <P> @Nullable Object serve(Behaviour.Method<S, P> method, Turn<S> turn, String params)
      throws Exception {
    var body = params.getBytes(StandardCharsets.UTF_8);
    return method.body().serve(turn, json.params(body, method.params()));
  }

  /** What an actor keeps. */
  public S state(String key) {
    var kept = one(key).state;
    return kept == null ? behaviour.initial() : json.state(kept, behaviour.state());
  }

  /** How often rows were to be written along with this actor's. */
  public int along(String key) {
    return one(key).along;
  }

  /** When an alarm of an actor rings next; null for never. */
  public @Nullable Instant alarm(String key, String name) {
    var ring = one(key).rings.get(name);
    return ring == null ? null : ring.at();
  }

  /** Lets time pass; alarms ring in the order of their times, each at its own. */
  public void advance(Duration time) {
    var until = now.plus(time);
    for (var due = next(until); due != null; due = next(until)) {
      now = due.ring().at().isAfter(now) ? due.ring().at() : now;
      ring(due);
    }
    now = until;
  }

  private @Nullable Due next(Instant until) {
    var due = new ArrayList<Due>();
    actors.forEach((key, one) ->
        one.rings.forEach((name, ring) -> {
          if (!ring.at().isAfter(until)) {
            due.add(new Due(key, name, ring));
          }
        }));
    return due.stream().min(Comparator.comparing(one -> one.ring().at())).orElse(null);
  }

  private void ring(Due due) {
    var alarm = behaviour.alarms().get(due.alarm());
    var turn = turn(due.key(), null);
    turn.sleep(due.alarm());
    try {
      if (alarm != null) {
        alarm.wake().wake(turn);
      }
      keep(due.key(), turn);
    } catch (Exception again) {
      int attempt = due.ring().attempt();
      one(due.key()).rings.put(due.alarm(), new Ring(now.plus(Server.pause(attempt)), attempt + 1));
    }
  }

  private Turn<S> turn(String key, @Nullable Caller who) {
    return new Turn<>(new Address(behaviour.type(), key), who, behaviour, state(key), () -> now);
  }

  private void keep(String key, Turn<S> turn) {
    var one = one(key);
    if (turn.isChanged()) {
      one.state = json.json(turn.state());
    }
    one.along += turn.along().size();
    turn.alarms()
        .forEach((name, time) -> {
          if (time == null) {
            one.rings.remove(name);
          } else {
            one.rings.put(name, new Ring(now.plus(time), 0));
          }
        });
  }

  private One one(String key) {
    return actors.computeIfAbsent(key, first -> new One());
  }
}
