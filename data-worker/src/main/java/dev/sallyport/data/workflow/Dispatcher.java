package dev.sallyport.data.workflow;

import dev.sallyport.data.lease.WorkerLease;
import dev.sallyport.data.platform.StatementRefused;
import dev.sallyport.data.platform.StoreFailure;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.platform.Tx;
import dev.sallyport.model.News;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;

/**
 * Claims runs as long as there is room: those whose time has come, then those that are queued. Asks
 * Postgres when something rang, when the next run is due, and every {@link #POLL} anyway. Confined
 * to one virtual thread, see {@link Life}.
 */
@Singleton
class Dispatcher {
  /** How late a run may begin whose notification was lost. */
  static final Duration POLL = Duration.ofMillis(200);

  /** What one statement claims at most. */
  private static final int BATCH_MAX = 64;

  private static final Logger LOG = Logger.getLogger(Dispatcher.class);

  private final Engine engine;
  private final ClaimSql claims;
  private final JournalSql journal;
  private final Transactions transactions;
  private final WorkerLease lease;
  private final List<Definition> unlimited;
  private final List<Definition> limited;
  private final News news = new News(System::nanoTime);

  /** Whose turn it was last; those after it come next. */
  private String turn = "";

  /** The same for each limited type. */
  private final Map<String, String> turns = new HashMap<>();

  @Inject
  Dispatcher(
      Engine engine,
      ClaimSql claims,
      JournalSql journal,
      Transactions transactions,
      WorkerLease lease,
      Registry registry) {
    this.engine = engine;
    this.claims = claims;
    this.journal = journal;
    this.transactions = transactions;
    this.lease = lease;
    this.limited = registry.all().stream().filter(Definition::isLimited).toList();
    this.unlimited = registry.all().stream().filter(one -> !one.isLimited()).toList();
  }

  /** Claims until it is interrupted. */
  void run() {
    try {
      while (true) {
        engine.doorbell().await(POLL);
        round();
      }
    } catch (InterruptedException stopped) {
      LOG.debug("claims nothing any more");
    }
  }

  private void round() throws InterruptedException {
    try {
      boolean more = true;
      while (more) {
        more = claim();
      }
      news.over();
    } catch (StoreFailure | StatementRefused e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (news.is(String.valueOf(e.getMessage()))) {
        LOG.warnf("no runs can be claimed: %s", e.getMessage());
      }
    }
  }

  /** One round; gives whether another one at once may find more. */
  private boolean claim() throws InterruptedException {
    var owner = lease.incarnation();
    int max = Math.min(engine.room(), BATCH_MAX);
    if (owner.isEmpty() || max == 0) {
      engine.backlog(max == 0);
      return false;
    }
    long me = owner.getAsLong();
    boolean fromTheMiddle = !turn.isEmpty();
    int before = 0;
    if (!unlimited.isEmpty()) {
      before = begin(claims.claimDue(me, max, unlimited));
      int room = Math.min(max - before, engine.room());
      if (room > 0) {
        before += begin(inTurns(claims.claimReady(me, room, unlimited, turn), room));
      }
    }
    if (!limited.isEmpty()) {
      var claimable = claims.claimable(limited);
      for (var definition : limited) {
        if (claimable.contains(definition.type())) {
          before += begin(claimLimited(me, definition));
        }
      }
    }
    if (before > 0 || fromTheMiddle) {
      return true;
    }
    var next = claims.nextDue(unlimited);
    if (next != null && next.compareTo(POLL) < 0) {
      engine.doorbell().ringIn(next);
    }
    return false;
  }

  /** Remembers whose turn it was; begins again from the first when there was nobody after them. */
  private List<Claim> inTurns(List<Claim> taken, int asked) {
    engine.backlog(taken.size() == asked || !turn.isEmpty());
    turn = taken.size() < asked ? "" : last(taken);
    return taken;
  }

  /** Of those who had their turn the one after whom the next round begins. */
  private static String last(List<Claim> taken) {
    return taken.stream().map(Claim::principal).max(String::compareTo).orElse("");
  }

  private List<Claim> claimLimited(long me, Definition definition) {
    var after = turns.getOrDefault(definition.type(), "");
    var taken = transactions.call(tx -> claimLimited(tx, me, definition, after));
    turns.put(definition.type(), last(taken));
    return taken;
  }

  private List<Claim> claimLimited(Tx tx, long me, Definition definition, String after) {
    var room = claims.room(tx, definition.type());
    int max = Math.min(engine.room(), BATCH_MAX);
    var concurrency = definition.options().concurrency();
    if (concurrency.isPresent()) {
      max = (int) Math.min(max, concurrency.getAsInt() - room.running());
    }
    var taken = new ArrayList<Claim>();
    if (max > 0) {
      taken.addAll(claims.claimDue(tx, me, max, definition));
    }
    // What has begun before is no start: it waits for room alone.
    if (max > taken.size()) {
      taken.addAll(claims.claimReady(tx, me, max - taken.size(), definition, after, false));
    }
    int starts = (int) Math.min(max - taken.size(), Rates.allowed(definition, room.ahead()));
    if (starts > 0) {
      var begun = claims.claimReady(tx, me, starts, definition, after, true);
      taken.addAll(begun);
      claims.admitted(tx, definition.type(), Rates.cost(definition, begun.size()));
    }
    return taken;
  }

  /** Loads what was claimed and executes it; gives how many. */
  private int begin(List<Claim> taken) {
    if (taken.isEmpty()) {
      return 0;
    }
    var journals = journal.entries(taken);
    var arrivals = journal.arrivals(taken.stream().map(Claim::run).toList());
    for (var one : taken) {
      var claim =
          one.with(
              journals.getOrDefault(one.run(), List.of()),
              arrivals.getOrDefault(one.run(), List.of()));
      engine
          .takePlace()
          .ifPresent(place -> {
            if (claim.recoveries() >= Engine.RECOVERIES_MAX) {
              engine.condemn(claim, place);
            } else {
              engine.begin(claim, place);
            }
          });
    }
    return taken.size();
  }
}
