package dev.sallyport.data.actor;

import dev.sallyport.data.actor.Change.Reply;
import dev.sallyport.data.actor.Change.Settled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What turns did since the last commit, and who hears of it after the next one. Confined to the
 * thread that serves.
 */
final class Pending<S> {
  private final Map<String, @Nullable Duration> alarms = new HashMap<>();
  private final List<Reply> replies = new ArrayList<>();
  private final List<Settled> settled = new ArrayList<>();
  private final List<Consumer<@Nullable RuntimeException>> waiting = new ArrayList<>();
  private S state;
  private @Nullable String json;

  Pending(S state) {
    this.state = state;
  }

  /** As the last turn left it. */
  S state() {
    return state;
  }

  /** How long the JSON of a new state is; negative where there is none. */
  int length() {
    return json == null ? -1 : json.length();
  }

  /** Takes what a turn did. */
  void add(Turn<S> turn, @Nullable String stateJson) {
    state = turn.state();
    if (stateJson != null) {
      json = stateJson;
    }
    alarms.putAll(turn.alarms());
  }

  /** A reply to be kept. */
  void add(Reply reply) {
    replies.add(reply);
  }

  /** What becomes of a row. */
  void add(Settled row) {
    settled.add(row);
  }

  /** Told once the commit is done: null, or why it failed. */
  void afterwards(Consumer<@Nullable RuntimeException> told) {
    waiting.add(told);
  }

  Change change(long pk, long fence) {
    return new Change(pk, fence, json, alarms, replies, settled);
  }

  void tell(@Nullable RuntimeException failure) {
    waiting.forEach(told -> told.accept(failure));
  }
}
