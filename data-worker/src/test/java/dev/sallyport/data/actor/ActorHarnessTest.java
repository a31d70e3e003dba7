package dev.sallyport.data.actor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.data.binding.Refusal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The harness, with actors that are known to be right. */
class ActorHarnessTest {
  private final Diary diary = new Diary();
  private final ActorHarness<Diary.Lines> diaries = ActorHarness.of(diary);
  private final ActorHarness<LockActor.State> locks =
      ActorHarness.of(new LockActor(() -> Optional.of(Set.of("lock"))));

  private LockActor.Acquired acquire() throws Exception {
    return locks.call(
        "a", "acquire", new LockActor.Acquire(Duration.ofSeconds(30)), LockActor.Acquired.class);
  }

  @Test
  void aLockIsFreeAgainWhenItsTimeIsOver() throws Exception {
    assertThat(acquire()).isEqualTo(new LockActor.Acquired(true, 1L, locks.now().plusSeconds(30)));
    locks.advance(Duration.ofSeconds(29));
    assertThat(acquire().acquired()).isFalse();
    locks.advance(Duration.ofSeconds(1));
    assertThat(acquire().token()).isEqualTo(2L);
  }

  @Test
  void aLockThatWasRenewedLastsLonger() throws Exception {
    acquire();
    locks.advance(Duration.ofSeconds(20));
    var renewed =
        locks.call(
            "a", "renew", new LockActor.Renew(1, Duration.ofSeconds(30)), LockActor.Renewed.class);
    assertThat(renewed).isEqualTo(new LockActor.Renewed(true, locks.now().plusSeconds(30)));
    locks.advance(Duration.ofSeconds(29));
    assertThat(acquire().acquired()).isFalse();
  }

  @Test
  void aTokenThatWasOvertakenReleasesNothing() throws Exception {
    acquire();
    locks.advance(Duration.ofSeconds(30));
    acquire();
    var released = locks.call("a", "release", new LockActor.Release(1), LockActor.Released.class);
    assertThat(released.released()).isFalse();
    assertThat(acquire().acquired()).isFalse();
  }

  @Test
  void aMethodThatThrowsKeepsNothing() throws Exception {
    diaries.call("a", "write", new Diary.Line("one"), Diary.Lines.class);
    assertThatThrownBy(
            () -> diaries.call("a", "write-and-fail", new Diary.Line("two"), Diary.Lines.class))
        .isInstanceOf(Refusal.class);
    assertThat(diaries.state("a").lines()).containsExactly("one");
    assertThat(diaries.state("b")).isEqualTo(new Diary.Lines(List.of()));
  }

  @Test
  void anAlarmThatFailsRingsAgainASecondLater() throws Exception {
    diary.fail(1);
    diaries.call("a", "set", new Diary.Alarm("set", 500), Diary.Lines.class);
    var due = diaries.now().plusMillis(500);
    assertThat(diaries.alarm("a", "ring")).isEqualTo(due);
    diaries.advance(Duration.ofMillis(500));
    assertThat(diaries.state("a").lines()).containsExactly("set");
    assertThat(diaries.alarm("a", "ring")).isEqualTo(due.plusSeconds(1));
    diaries.advance(Duration.ofSeconds(1));
    assertThat(diaries.state("a").lines()).containsExactly("set", "rung");
    assertThat(diaries.alarm("a", "ring")).isNull();
  }

  @Test
  void rowsAlongAreCounted() throws Exception {
    diaries.call("a", "write-along", new Diary.Line("one"), Diary.Lines.class);
    assertThat(diaries.along("a")).isOne();
  }
}
