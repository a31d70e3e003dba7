package dev.sallyport.data.workflow;

import dev.sallyport.data.platform.Tx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Where runs are kept, as an execution sees it: the port between the engine and Postgres, and what
 * the test kit keeps in memory instead. Thread-safe.
 */
interface Ledger {
  /**
   * Writes a change of a run if its fence is still the run's. Does not block. Changes of one run
   * are written in the order in which they were given.
   *
   * @return what came of it once it is durable; fails when it was not written or nobody knows
   */
  CompletionStage<Outcome> commit(Change change);

  /**
   * Runs a body in a transaction and writes the change that it gives in the same commit. Blocks.
   *
   * @throws Exception the body's own, nothing having been written
   */
  Outcome commitWith(Body body) throws Exception;

  /**
   * What is done in the transaction before the change; may run again when the first was in vain.
   */
  @FunctionalInterface
  interface Body {
    Change run(Tx tx) throws Exception;
  }

  /** Starts a child in the commit that records it in its parent. Blocks. */
  Outcome commitWithChild(Change change, NewRun child);

  /** What came for a run and was not consumed yet, oldest first. Blocks. */
  Inbox inbox(long run);

  /**
   * What came for a run and was not consumed.
   *
   * @param seen how many had come for the run in all when this was read
   */
  record Inbox(long seen, List<Arrival> arrivals) {
    public Inbox {
      arrivals = List.copyOf(arrivals);
    }
  }

  /**
   * Something that came for a run: an event from outside, or the end of a child.
   *
   * @param number of its own within the run, in the order of arrival
   * @param name of the event; {@link #CHILD_PREFIX} and the child's id for a child
   * @param payload JSON; for a child that failed, its {@link ErrorNote}
   * @param failed whether it is the failure of a child
   */
  record Arrival(long number, String name, String payload, boolean failed) {
    /** No event can be called so. */
    static final String CHILD_PREFIX = "child ";
  }

  /**
   * What is to be written.
   *
   * @param entries new, or later states of ones that are there
   * @param consumed arrivals that these entries have taken in
   */
  record Change(
      long run, long fence, int generation, List<Entry> entries, List<Long> consumed, Next next) {
    public Change {
      entries = List.copyOf(entries);
      consumed = List.copyOf(consumed);
    }

    /** The same with one more entry. */
    Change with(Entry entry) {
      var more = new ArrayList<>(entries);
      more.add(entry);
      return new Change(run, fence, generation, more, consumed, next);
    }
  }

  /** What becomes of the run with a change. */
  sealed interface Next {
    /** It goes on executing here. */
    record GoOn() implements Next {}

    /**
     * It leaves memory, unless something has come for it since.
     *
     * @param until when it goes on by itself, by the database's clock; null for never
     * @param why JSON, {@code waitingFor} of its answer
     * @param seen what {@link Inbox#seen} was when it decided to wait; it stays when more has come
     */
    record Wait(@Nullable Instant until, String why, long seen) implements Next {
      /** Leaves memory even if something has come: it is loaded again anyway. */
      static Wait whateverCame(Instant until, String why) {
        return new Wait(until, why, Long.MAX_VALUE);
      }
    }

    /** It is over; a parent that waits for it is told in the same commit. */
    record End(
        RunStatus status,
        @Nullable String output,
        @Nullable ErrorNote error,
        @Nullable Parent parent)
        implements Next {}
  }

  /**
   * Whom the end of a child concerns.
   *
   * @param child the child's id, by which the parent waits for it
   */
  record Parent(long run, String child) {}

  /** What came of a change. */
  enum Outcome {
    WRITTEN,
    /** Written, but the run stays here: something has come that it has not seen. */
    WRITTEN_WITH_NEWS,
    /** Not written: another one holds the run, or nobody does. */
    FENCE_LOST
  }

  /**
   * A run to be made.
   *
   * @param parent the run it belongs to, or null
   * @param params JSON
   * @param priority 0 is the first to be taken, 9 the last
   */
  record NewRun(
      String type,
      String id,
      int version,
      String principal,
      String params,
      int priority,
      @Nullable Long parent) {}
}
