package dev.sallyport.data.workflow;

import dev.sallyport.data.platform.GroupCommit;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.workflow.Ledger.Next.End;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Runs in Postgres. What needs no other row goes through a few {@link GroupCommit}s, each run
 * always through the same; what does has a transaction of its own.
 */
@Singleton
class PostgresLedger implements Ledger {
  /** Enough that one flush is on its way while another is put together. */
  private static final int LANES = 2;

  private static final int BATCH_MAX = 256;

  /** More than can be executing at once: each has at most a few changes under way. */
  private static final int QUEUE_MAX = 20_000;

  private final WriteSql writes;
  private final JournalSql journal;
  private final StartSql starts;
  private final ClaimSql claims;
  private final Transactions transactions;
  private final List<GroupCommit<Change, Outcome>> lanes = new ArrayList<>();

  @Inject
  PostgresLedger(
      Vertx vertx,
      WriteSql writes,
      JournalSql journal,
      StartSql starts,
      ClaimSql claims,
      Transactions transactions,
      MeterRegistry metrics) {
    this.writes = writes;
    this.journal = journal;
    this.starts = starts;
    this.claims = claims;
    this.transactions = transactions;
    var sizes =
        DistributionSummary.builder("sallyport.workflow.flush.changes")
            .description("Changes of runs in one commit")
            .register(metrics);
    for (int i = 0; i < LANES; i++) {
      lanes.add(
          new GroupCommit<>(
              GroupCommit.on(vertx),
              writes::write,
              WriteSql::isRefusal,
              change -> new Writer(change.run(), change.fence()),
              sizes,
              BATCH_MAX,
              QUEUE_MAX,
              change ->
                  new IllegalStateException(
                      "more than " + QUEUE_MAX + " changes wait to be written")));
    }
  }

  /** One execution of a run: what another one writes later has nothing to do with it. */
  private record Writer(long run, long fence) {}

  @Override
  public CompletionStage<Outcome> commit(Change change) {
    if (change.next() instanceof End end && end.parent() != null) {
      return onVirtualThread(change, end, end.parent());
    }
    return lanes.get((int) Math.floorMod(change.run(), (long) LANES)).write(change);
  }

  private CompletionStage<Outcome> onVirtualThread(Change change, End end, Parent parent) {
    var outcome = new CompletableFuture<Outcome>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            outcome.complete(end(change, end, parent));
          } catch (Throwable failure) {
            outcome.completeExceptionally(failure);
          }
        });
    return outcome;
  }

  /** The end of a child, and its arrival at the parent. */
  private Outcome end(Change change, End end, Parent parent) {
    return fenced(tx -> {
      journal.lock(tx, parent.run());
      journal.deliver(
          tx,
          parent.run(),
          Arrival.CHILD_PREFIX + parent.child(),
          payload(end),
          end.error() != null);
      return change;
    });
  }

  private String payload(End end) {
    if (end.error() != null) {
      return writes.note(end.error());
    }
    return end.output() == null ? "null" : end.output();
  }

  @Override
  public Outcome commitWith(Body body) throws Exception {
    return fenced(body::run);
  }

  @Override
  public Outcome commitWithChild(Change change, NewRun child) {
    return fenced(tx -> {
      starts.insertQueued(tx, List.of(child));
      claims.notifyReady(tx);
      return change;
    });
  }

  /** A transaction that ends with the comparison of a fence, and is undone when it is another. */
  private <E extends Exception> Outcome fenced(Transactions.Body<Change, E> body) throws E {
    try {
      return transactions.call(tx -> {
        var outcome = writes.write(tx, body.run(tx));
        if (outcome == Outcome.FENCE_LOST) {
          throw new FenceLost();
        }
        return outcome;
      });
    } catch (FenceLost lost) {
      return Outcome.FENCE_LOST;
    }
  }

  @Override
  public Inbox inbox(long run) {
    return journal.inbox(run);
  }

  /** Undoes a transaction. */
  private static final class FenceLost extends RuntimeException {
    FenceLost() {
      super(null, null, false, false);
    }
  }
}
