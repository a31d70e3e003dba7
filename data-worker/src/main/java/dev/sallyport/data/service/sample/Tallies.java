package dev.sallyport.data.service.sample;

import dev.sallyport.data.actor.Actors;
import dev.sallyport.data.platform.Tx;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/** The actors {@code counter} as the samples see them. Thread-safe; blocks. */
@Singleton
class Tallies {
  private static final String TYPE = "counter";

  private final Actors actors;

  @Inject
  Tallies(Actors actors) {
    this.actors = actors;
  }

  /** What is added. */
  @RegisterForReflection
  record Add(long by) {}

  /** What a counter says. */
  @RegisterForReflection
  record Value(long value) {}

  /** Whether a counter can be called so. */
  static boolean isKey(@Nullable String key) {
    return SampleSql.isKey(key) && key != null && key.length() <= 64;
  }

  /** Adds 1; the same {@code idempotencyKey} adds once. */
  long add(String key, @Nullable String idempotencyKey) {
    return actors.call(TYPE, key, "add", new Add(1), Value.class, idempotencyKey).value();
  }

  long value(String key) {
    return actors.call(TYPE, key, "get", null, Value.class).value();
  }

  /** Adds 1 once {@code tx} has committed. */
  void addLater(Tx tx, String key) {
    actors.send(tx, TYPE, key, "add", new Add(1));
  }
}
