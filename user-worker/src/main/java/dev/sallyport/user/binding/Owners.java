package dev.sallyport.user.binding;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sallyport.user.platform.EventLoop;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which worker was the owner of an actor or a room when somebody last asked. A hint: who is not the
 * owner says so itself. What is not a hint is that no address leaves this class unless a live
 * worker has published it, and with the binding's scheme; whatever an answer says, nothing else is
 * ever called. Thread-safe, does not block; holds a bounded number and drops the least useful.
 */
final class Owners {
  private static final Pattern THING =
      Pattern.compile("/api/internal/(?:actors/[^/?]+/|rooms/)[^/?]+");

  /** What has a longer name than this is found anew each time. */
  private static final int REMEMBERED_CHARS_MAX = 512;

  /** What became of following a 421, for the counters. */
  enum Follow {
    /** The owner answered. */
    ANSWERED,
    /** Nobody was named who may be called. */
    UNKNOWN,
    /** The one that was named is not the owner either. */
    MISDIRECTED,
    /** It could not be reached, or broke off. */
    FAILED
  }

  private final String scheme;
  private final Function<String, Future<Boolean>> isLive;
  private final Cache<String, WorkerAddress> remembered;
  private final Map<Follow, Counter> follows = new EnumMap<>(Follow.class);

  /**
   * @param binding its name, for the counters
   * @param scheme of the binding's own address
   * @param isLive whether a live worker has published this text as its address; never fails
   * @param max how many owners are remembered
   */
  Owners(
      String binding,
      String scheme,
      Function<String, Future<Boolean>> isLive,
      int max,
      MeterRegistry metrics) {
    this.scheme = scheme;
    this.isLive = isLive;
    this.remembered = Caffeine.newBuilder().maximumSize(max).executor(Runnable::run).build();
    for (var follow : Follow.values()) {
      follows.put(
          follow,
          Counter.builder("sallyport_binding_follows")
              .description("Calls that were sent on to an owner, by what became of them")
              .tag("binding", binding)
              .tag("outcome", follow.name().toLowerCase(Locale.ROOT))
              .register(metrics));
    }
  }

  /**
   * What has an owner, as the path of a target names it, escapes and all: two spellings of one room
   * are two things here, which costs a detour and no more.
   */
  static Optional<String> thing(String target) {
    var named = THING.matcher(target);
    return named.lookingAt() ? Optional.of(named.group()) : Optional.empty();
  }

  /** The owner as far as it is known, if it still lives. Told on the caller's event loop. */
  Future<Optional<WorkerAddress>> recall(String thing) {
    var owner = remembered.getIfPresent(thing);
    return owner == null
        ? Future.succeededFuture(Optional.empty())
        : alive(owner)
            .onSuccess(alive -> {
              if (alive.isEmpty()) {
                forget(thing, owner);
              }
            });
  }

  /**
   * The owner that an answer names, if it may be called. Told on the caller's event loop.
   *
   * @param named the header of the answer; anything
   */
  Future<Optional<WorkerAddress>> find(@Nullable String named) {
    return Optional.ofNullable(named)
        .flatMap(WorkerAddress::parse)
        .filter(address -> address.scheme().equals(scheme))
        .map(this::alive)
        .orElseGet(() -> Future.succeededFuture(Optional.empty()));
  }

  private Future<Optional<WorkerAddress>> alive(WorkerAddress address) {
    return EventLoop.here(isLive.apply(address.text()))
        .map(alive -> alive ? Optional.of(address) : Optional.empty());
  }

  void remember(String thing, WorkerAddress owner) {
    if (thing.length() <= REMEMBERED_CHARS_MAX) {
      remembered.put(thing, owner);
    }
  }

  /** Unless somebody has learned of another owner since. */
  void forget(String thing, WorkerAddress owner) {
    remembered.asMap().remove(thing, owner);
  }

  void count(Follow follow) {
    var counter = follows.get(follow);
    if (counter != null) {
      counter.increment();
    }
  }
}
