package dev.sallyport.data.actor;

import dev.sallyport.data.actor.OwnerSql.Worker;
import dev.sallyport.data.platform.Rendezvous;
import dev.sallyport.data.platform.Ticker;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where an actor that nobody owns should live: rendezvous hashing over the workers that have an
 * address. It only suggests. A worker counts once it has been there for {@link #KNOWN_AFTER}, so
 * that whoever is sent to it finds it agreeing. Thread-safe.
 */
final class Placement {
  static final Duration KNOWN_AFTER = Duration.ofSeconds(3);

  private final Ticker ticker;
  private Map<Long, Long> firstSeen = new HashMap<>();
  private volatile List<Worker> workers = List.of();

  Placement(Ticker ticker) {
    this.ticker = ticker;
  }

  /** These are the workers now. */
  synchronized void update(List<Worker> now) {
    var seen = new HashMap<Long, Long>();
    for (var worker : now) {
      seen.put(worker.incarnation(), firstSeen.getOrDefault(worker.incarnation(), ticker.nanos()));
    }
    firstSeen = seen;
    workers = now.stream().filter(worker -> isKnown(seen.get(worker.incarnation()))).toList();
  }

  private boolean isKnown(@Nullable Long since) {
    return since != null && ticker.nanos() - since >= KNOWN_AFTER.toNanos();
  }

  /** The worker that should own it; empty where that is this one, or nobody is known. */
  Optional<Worker> elsewhere(Address address, long here) {
    var all = workers;
    var name = address.toString();
    Worker best = null;
    long most = 0;
    boolean isHereKnown = false;
    for (var worker : all) {
      isHereKnown |= worker.incarnation() == here;
      long score = Rendezvous.score(name, 0, worker.incarnation());
      if (best == null || Long.compareUnsigned(score, most) > 0) {
        best = worker;
        most = score;
      }
    }
    return best == null || !isHereKnown || best.incarnation() == here
        ? Optional.empty()
        : Optional.of(best);
  }
}
