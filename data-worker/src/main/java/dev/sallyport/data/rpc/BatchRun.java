package dev.sallyport.data.rpc;

import dev.sallyport.data.binding.Caller;
import dev.sallyport.data.binding.InternalCall;
import dev.sallyport.data.platform.Ticker;
import dev.sallyport.model.rpc.JsonRpc;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one request, each run once, up to {@link JsonRpc#AT_ONCE_MAX} of them side by side
 * on virtual threads of their own. When the caller's time is over those that still run are
 * interrupted, and nobody waits for them; those that have not begun never do.
 */
final class BatchRun {
  private final Dispatcher dispatcher;
  private final List<Entry> entries;
  private final Answers answers;
  private final Caller.User caller;
  private final InternalCall call;
  private final Ticker ticker;
  private final long until;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicReferenceArray<@Nullable String> outcomes;
  private final CountDownLatch left;

  /**
   * @param until when the caller's time is over, by the ticker
   */
  BatchRun(
      Dispatcher dispatcher,
      List<Entry> entries,
      Answers answers,
      Caller.User caller,
      InternalCall call,
      Ticker ticker,
      long until) {
    this.dispatcher = dispatcher;
    this.entries = List.copyOf(entries);
    this.answers = answers;
    this.caller = caller;
    this.call = call;
    this.ticker = ticker;
    this.until = until;
    this.outcomes = new AtomicReferenceArray<>(entries.size());
    this.left = new CountDownLatch(entries.size());
  }

  /**
   * Answers in the order of the entries; none for a notification. Blocks until all are there or the
   * time is over.
   */
  List<String> run() throws InterruptedException {
    var lanes = new ArrayList<Thread>();
    for (int i = 0; i < Math.min(JsonRpc.AT_ONCE_MAX, entries.size()); i++) {
      lanes.add(Thread.ofVirtual().name("rpc-call").start(() -> call.carry(this::serve)));
    }
    try {
      if (left.await(until - ticker.nanos(), TimeUnit.NANOSECONDS)) {
        return told();
      }
      int begun = next.getAndSet(entries.size());
      for (int i = 0; i < entries.size(); i++) {
        // Who is done in this very moment has done it: the first to say something is believed.
        outcomes.compareAndSet(i, null, LATE);
        if (LATE.equals(outcomes.get(i))) {
          outcomes.set(i, dispatcher.late(entries.get(i), answers, i < begun));
        }
      }
      return told();
    } finally {
      next.set(entries.size());
      lanes.forEach(Thread::interrupt);
    }
  }

  /** No answer looks so. */
  private static final String LATE = "late";

  private List<String> told() {
    var told = new ArrayList<String>();
    for (int i = 0; i < entries.size(); i++) {
      var outcome = Objects.requireNonNull(outcomes.get(i), "all were served");
      if (!outcome.equals(Dispatcher.NOTHING)) {
        told.add(outcome);
      }
    }
    return told;
  }

  private void serve() {
    for (int i = claim(); i < entries.size(); i = claim()) {
      var answer = dispatcher.serve(entries.get(i), answers, caller, call, until);
      outcomes.compareAndSet(i, null, answer);
      left.countDown();
    }
  }

  /** What one method leaves of an interrupt is not for the next; after our own there is no next. */
  private int claim() {
    Thread.interrupted();
    return next.getAndIncrement();
  }
}
