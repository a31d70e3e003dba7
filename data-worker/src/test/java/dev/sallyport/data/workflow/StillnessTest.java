package dev.sallyport.data.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.data.workflow.Ledger.Arrival;
import dev.sallyport.data.workflow.Ledger.Inbox;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StillnessTest {
  private static final Waiting GO = new Waiting.Event("go", Instant.MAX);
  private static final Inbox NOTHING = new Inbox(0, List.of());

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private final List<List<Waiting>> rests = new CopyOnWriteArrayList<>();
  private volatile @Nullable Inbox news;
  private final Stillness stillness =
      new Stillness(
          now::get,
          NOTHING,
          (all, seen, entries) -> {
            rests.add(all);
            return news;
          });

  private static Inbox inbox(long seen, Arrival... arrivals) {
    return new Inbox(seen, List.of(arrivals));
  }

  private static Arrival arrival(long number) {
    return new Arrival(number, "go", "1", false);
  }

  private static <T> CompletableFuture<T> inThread(Callable<T> work) {
    var result = new CompletableFuture<T>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            result.complete(work.call());
          } catch (Throwable e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  @Test
  void theLastThreadToWaitPutsTheRunToRestAndAllLeave() {
    var fork = stillness.fork(2);
    var first = inThread(() -> stillness.await(GO, null, () -> {}));
    var second = inThread(() -> stillness.await(GO, null, () -> {}));
    assertThatThrownBy(first::join).hasCauseInstanceOf(Leave.class);
    assertThatThrownBy(second::join).hasCauseInstanceOf(Leave.class);
    assertThat(rests).containsExactly(List.of(GO, GO));
    stillness.done(fork);
    stillness.done(fork);
    assertThatThrownBy(() -> stillness.join(fork)).isInstanceOf(Leave.class);
  }

  @Test
  void newsThatComeWithTheRestLetItGoOn() {
    news = inbox(1, arrival(1));
    assertThat(stillness.await(GO, null, () -> {})).isTrue();
    assertThat(stillness.take("go")).isEqualTo(arrival(1));
    assertThat(stillness.take("go")).isNull();
  }

  @Test
  void anArrivalThatWasTakenDoesNotComeBackWithAnOlderLook() {
    stillness.arrived(inbox(1, arrival(1)));
    assertThat(stillness.take("go")).isNotNull();
    stillness.arrived(inbox(2, arrival(1), arrival(2))); // its taking is not written yet
    assertThat(stillness.take("go")).isEqualTo(arrival(2));
    assertThat(stillness.take("go")).isNull();
    stillness.arrived(inbox(1, arrival(1)));
    assertThat(stillness.take("go")).isNull();
  }

  @Test
  void aWaitThatIsOverBeforeItBeganIsNotRecorded() {
    var early = new CountDownLatch(1);
    var timer = new Waiting.Timer("nap", Instant.EPOCH);
    var at = new Position("", 0);
    var entry =
        new Entry(
            at,
            Entry.Kind.SLEEP,
            "nap",
            Entry.Status.WAITING,
            0,
            null,
            null,
            null,
            Instant.EPOCH,
            Instant.EPOCH,
            null);
    assertThat(stillness.await(timer, entry, early::countDown)).isFalse();
    assertThat(early.getCount()).isEqualTo(1);
    assertThat(rests).isEmpty();
  }

  @Test
  void anInterruptThatComesTooLateDoesNotEndAWait() throws Exception {
    var fork = stillness.fork(2); // another branch goes on turning
    var waits =
        inThread(() -> {
          Thread.currentThread().interrupt(); // of an attempt that was just over
          return stillness.await(GO, null, () -> {});
        });
    while (stillness.still(1).isEmpty()) {
      Thread.onSpinWait();
    }
    assertThat(waits).isNotDone();
    stillness.arrived(inbox(1, arrival(1)));
    assertThat(waits.get(10, TimeUnit.SECONDS)).isTrue();
    assertThat(fork).isNotNull();
  }

  @Test
  void noWakeUpIsLostWhileManyWaitAndManyBring() throws Exception {
    int branches = 50;
    var fork = stillness.fork(branches + 1); // one turns until the end, so that nothing rests
    var all =
        IntStream.range(0, branches)
            .mapToObj(i ->
                inThread(() -> {
                  Arrival taken = null;
                  while (taken == null) {
                    taken = stillness.take("go");
                    if (taken == null) {
                      var _ = stillness.await(GO, null, () -> {});
                    }
                  }
                  stillness.done(fork);
                  return taken.number();
                }))
            .toList();
    for (long number = 1; number <= branches; number++) {
      long last = number;
      stillness.arrived(
          new Inbox(
              last, LongStream.rangeClosed(1, last).mapToObj(StillnessTest::arrival).toList()));
    }
    for (var one : all) {
      assertThat(one.get(10, TimeUnit.SECONDS)).isPositive();
    }
    assertThat(all.stream().map(CompletableFuture::join).distinct()).hasSize(branches);
    stillness.done(fork);
    stillness.join(fork);
  }

  @Test
  void leavingWakesEveryThreadThatWaits() {
    var fork = stillness.fork(3);
    var event = inThread(() -> stillness.await(GO, null, () -> {}));
    var timer =
        inThread(() -> stillness.await(new Waiting.Timer("nap", Instant.MAX), null, () -> {}));
    var join =
        inThread(() -> {
          stillness.join(fork);
          return true;
        });
    stillness.leave();
    for (var each : List.of(event, timer, join)) {
      assertThatThrownBy(each::join).hasCauseInstanceOf(Leave.class);
    }
    assertThatThrownBy(stillness::leaveIfOver).isInstanceOf(Leave.class);
  }
}
