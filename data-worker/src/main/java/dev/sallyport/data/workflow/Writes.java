package dev.sallyport.data.workflow;

import dev.sallyport.data.workflow.Ledger.Change;
import dev.sallyport.data.workflow.Ledger.Next;
import dev.sallyport.data.workflow.Ledger.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What one execution writes, in order: each change takes along what waited for one, and none is
 * written after one that failed. Thread-safe, does not block.
 */
final class Writes {
  private final Claim claim;
  private final Ledger ledger;
  private final Recollection recollection;
  private final BiConsumer<@Nullable Outcome, @Nullable Throwable> written;

  /** Guarded by this: what the next commit takes along, and the last commit asked for. */
  private final List<Entry> along = new ArrayList<>();

  private final List<Long> consumed = new ArrayList<>();
  private CompletableFuture<Outcome> tail = CompletableFuture.completedFuture(Outcome.WRITTEN);

  /** Nothing more is written: a commit failed, or the run was left behind. */
  private boolean closed;

  /**
   * @param written hears of each commit, or of its failure; on any thread, and must not block
   */
  Writes(
      Claim claim,
      Ledger ledger,
      Recollection recollection,
      BiConsumer<@Nullable Outcome, @Nullable Throwable> written) {
    this.claim = claim;
    this.ledger = ledger;
    this.recollection = recollection;
    this.written = written;
  }

  /** Records something at once; {@link Execution#barrier} waits until it is durable. */
  void record(Entry entry) {
    var _ = submit(List.of(entry), new Next.GoOn());
  }

  /** Records the taking of an arrival: both in the same commit, whatever branches do besides. */
  synchronized void record(Entry entry, long arrival) {
    consumed.add(arrival);
    record(entry);
  }

  /** Records something that a replay would find out again, with the next commit. */
  synchronized void recordAlong(Entry entry) {
    along.add(entry);
  }

  /** The last commit that was asked for: when it is durable, all before it are. */
  synchronized CompletableFuture<Outcome> last() {
    return tail;
  }

  /**
   * The change that has these entries, and all that waits to be taken along.
   *
   * @throws Leave when nothing more may be written: what comes after a gap would be replayed
   *     without what came before
   */
  synchronized Change change(List<Entry> entries, Next next) {
    if (closed) {
      throw new Leave();
    }
    var all = new LinkedHashMap<Position, Entry>();
    along.forEach(entry -> all.put(entry.at(), entry));
    entries.forEach(entry -> all.put(entry.at(), entry));
    all.values().forEach(recollection::add);
    var taken = List.copyOf(consumed);
    along.clear();
    consumed.clear();
    return new Change(
        claim.run(), claim.fence(), claim.generation(), List.copyOf(all.values()), taken, next);
  }

  /** Takes back what was not written after all. */
  synchronized void putBack(Change unwritten) {
    along.addAll(0, unwritten.entries());
    consumed.addAll(0, unwritten.consumed());
  }

  /** Has a change written. */
  synchronized CompletableFuture<Outcome> submit(List<Entry> entries, Next next) {
    var outcome = ledger.commit(change(entries, next)).toCompletableFuture();
    var _ =
        outcome.whenComplete((done, failure) -> {
          if (done == Outcome.FENCE_LOST || failure != null) {
            close();
          }
          written.accept(done, failure);
        });
    tail = outcome;
    return outcome;
  }

  /**
   * Has a last change written: a result that comes yet must not be written together with it.
   *
   * @return null when there was a last one already
   */
  synchronized @Nullable CompletableFuture<Outcome> submitLast(Entry entry, Next next) {
    if (closed) {
      return null;
    }
    var outcome = submit(List.of(entry), next);
    closed = true;
    return outcome;
  }

  private synchronized void close() {
    closed = true;
  }
}
