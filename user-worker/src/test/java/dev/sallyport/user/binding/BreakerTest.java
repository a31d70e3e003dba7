package dev.sallyport.user.binding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sallyport.user.HandClock;
import dev.sallyport.user.binding.Breaker.Pass;
import dev.sallyport.user.binding.Breaker.Position;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class BreakerTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final BreakerRules RULES =
      new BreakerRules(3, 20, 50, MINUTE, Duration.ofSeconds(1));

  private final HandClock clock = new HandClock();
  private final Breaker breaker = new Breaker(RULES, clock);

  private Pass pass() {
    return breaker.enter().orElseThrow();
  }

  private void fails(int times) {
    for (int i = 0; i < times; i++) {
      breaker.failed(pass());
    }
  }

  private void open() {
    fails(3);
    assertThat(breaker.position()).isEqualTo(Position.OPEN);
  }

  @Test
  void threeFailuresInARowOpenItAndTheThirdSaysSo() {
    assertThat(breaker.failed(pass())).isFalse();
    assertThat(breaker.failed(pass())).isFalse();
    assertThat(breaker.failed(pass())).isTrue();
    assertThat(breaker.enter()).isEmpty();
  }

  @Test
  void anAnswerInBetweenBeginsTheRowAnew() {
    fails(2);
    breaker.succeeded(pass());
    fails(2);
    assertThat(breaker.position()).isEqualTo(Position.CLOSED);
  }

  @Test
  void aClientThatGoesAwayCountsAsNeither() {
    fails(2);
    breaker.abandoned(pass());
    assertThat(breaker.position()).isEqualTo(Position.CLOSED);
    fails(1);
    assertThat(breaker.position()).isEqualTo(Position.OPEN);
  }

  @Test
  void halfOfTheLastTwentyOpenIt() {
    for (int i = 0; i < 9; i++) {
      breaker.succeeded(pass());
      breaker.failed(pass());
    }
    breaker.succeeded(pass());
    assertThat(breaker.position()).isEqualTo(Position.CLOSED);
    assertThat(breaker.failed(pass())).isTrue();
  }

  @Test
  void failuresBeforeTheLastTwentyAreForgotten() {
    for (int i = 0; i < 9; i++) {
      breaker.failed(pass());
      breaker.succeeded(pass());
    }
    for (int i = 0; i < 20; i++) {
      breaker.succeeded(pass());
    }
    fails(2);
    assertThat(breaker.position()).isEqualTo(Position.CLOSED);
  }

  @Test
  void afterAMinuteOneCallTriesAndItsAnswerClosesIt() {
    open();
    clock.advance(MINUTE.minusNanos(1));
    assertThat(breaker.enter()).isEmpty();
    clock.advance(Duration.ofNanos(1));
    var trial = pass();
    assertThat(breaker.enter()).isEmpty();
    breaker.succeeded(trial);
    assertThat(breaker.position()).isEqualTo(Position.CLOSED);
    fails(2);
    assertThat(breaker.position()).as("begins anew").isEqualTo(Position.CLOSED);
  }

  @Test
  void aTrialThatFailsOpensItForAnotherMinute() {
    open();
    clock.advance(MINUTE);
    assertThat(breaker.failed(pass())).as("is no news").isFalse();
    clock.advance(MINUTE.minusNanos(1));
    assertThat(breaker.enter()).isEmpty();
    clock.advance(Duration.ofNanos(1));
    assertThat(breaker.enter()).isPresent();
  }

  @Test
  void aTrialThatIsAbandonedLeavesTheNextToTry() {
    open();
    clock.advance(MINUTE);
    breaker.abandoned(pass());
    breaker.succeeded(pass());
    assertThat(breaker.position()).isEqualTo(Position.CLOSED);
  }

  @Test
  void aTrialThatIsNeverHeardOfDoesNotKeepItOpenForEver() {
    open();
    clock.advance(MINUTE);
    var lost = pass();
    clock.advance(MINUTE);
    var next = pass();
    assertThat(breaker.failed(lost)).isFalse();
    breaker.succeeded(next);
    assertThat(breaker.position()).isEqualTo(Position.CLOSED);
  }

  @Test
  void aProbeThatIsAnsweredClosesItAtOnce() {
    open();
    breaker.answeredProbe();
    assertThat(breaker.position()).isEqualTo(Position.CLOSED);
    open();
    clock.advance(MINUTE);
    var trial = pass();
    breaker.answeredProbe();
    breaker.failed(trial);
    assertThat(breaker.position()).isEqualTo(Position.CLOSED);
  }

  @Test
  void callsFromBeforeAnOutageSayNothingAfterIt() {
    var old = List.of(pass(), pass(), pass());
    open();
    old.forEach(breaker::succeeded);
    assertThat(breaker.position()).isEqualTo(Position.OPEN);
    breaker.answeredProbe();
    old.forEach(breaker::failed);
    assertThat(breaker.position()).isEqualTo(Position.CLOSED);
  }

  @Test
  void rulesOutOfRangeAreNamed() {
    var second = Duration.ofSeconds(1);
    refused("breaker.failures", 0, 20, 50, MINUTE, second);
    refused("breaker.window", 3, 65, 50, MINUTE, second);
    refused("breaker.failure-percent", 3, 20, 101, MINUTE, second);
    refused("breaker.open-for", 3, 20, 50, Duration.ZERO, second);
    refused("breaker.probe-every", 3, 20, 50, MINUTE, Duration.ofMillis(9));
  }

  private static void refused(
      String setting, int failures, int window, int percent, Duration open, Duration probe) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BreakerRules(failures, window, percent, open, probe))
        .withMessageStartingWith(setting);
  }

  /** Against a model that keeps everything and counts anew each time. */
  @Test
  void whateverHappensItStandsAsItsRulesSay() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      var rules =
          new BreakerRules(
              1 + random.nextInt(6),
              1 + random.nextInt(BreakerRules.WINDOW_MAX),
              1 + random.nextInt(100),
              MINUTE,
              Duration.ofSeconds(1));
      compare(rules, random, "seed " + seed + ", round " + round);
    }
  }

  private static void compare(BreakerRules rules, Random random, String where) {
    var clock = new HandClock();
    var breaker = new Breaker(rules, clock);
    var model = new Model(rules);
    var under = new ArrayList<Entered>();
    for (int step = 0; step < 500; step++) {
      if (random.nextInt(10) < 5) {
        var entered = breaker.enter();
        var expected = model.enter();
        assertThat(entered.isPresent()).as(where + ", step " + step).isEqualTo(expected >= 0);
        entered.ifPresent(pass -> under.add(new Entered(pass, expected)));
      } else if (!under.isEmpty() && random.nextInt(10) < 8) {
        var told = under.remove(random.nextInt(under.size()));
        var pass = told.pass();
        int of = told.era();
        switch (random.nextInt(5)) {
          case 0 -> {
            breaker.abandoned(pass);
            model.abandoned(of);
          }
          case 1, 2 -> {
            breaker.succeeded(pass);
            model.told(of, false);
          }
          default -> {
            breaker.failed(pass);
            model.told(of, true);
          }
        }
      } else if (random.nextInt(10) == 0) {
        breaker.answeredProbe();
        model.probed();
      } else {
        var by = Duration.ofSeconds(random.nextInt(20));
        clock.advance(by);
        model.now += by.toSeconds();
      }
      assertThat(breaker.position()).as(where + ", step " + step).isEqualTo(model.position);
    }
  }

  /** A call that passed both. */
  private record Entered(Pass pass, int era) {}

  /** The rules again, in the plainest words; seconds count from 0. */
  private static final class Model {
    private final BreakerRules rules;
    private final Deque<Boolean> failures = new ArrayDeque<>();
    private Position position = Position.CLOSED;
    private int era;
    private long tryAt;
    private long now;

    Model(BreakerRules rules) {
      this.rules = rules;
    }

    int enter() {
      if (position != Position.CLOSED) {
        if (now < tryAt) {
          return -1;
        }
        become(Position.TRYING);
      }
      return era;
    }

    void told(int of, boolean failed) {
      if (of != era) {
        return;
      }
      if (position == Position.TRYING) {
        become(failed ? Position.OPEN : Position.CLOSED);
        return;
      }
      failures.addFirst(failed);
      long many = failures.stream().limit(rules.window()).filter(one -> one).count();
      boolean halfOfMany =
          failures.size() >= rules.window()
              && many * 100 >= (long) rules.failurePercent() * rules.window();
      boolean inRow =
          failures.size() >= rules.failures()
              && failures.stream().limit(rules.failures()).allMatch(one -> one);
      if (failed && (inRow || halfOfMany)) {
        become(Position.OPEN);
      }
    }

    void abandoned(int of) {
      if (of == era && position == Position.TRYING) {
        become(Position.OPEN);
        tryAt = now;
      }
    }

    void probed() {
      if (position != Position.CLOSED) {
        become(Position.CLOSED);
      }
    }

    private void become(Position next) {
      position = next;
      era++;
      failures.clear();
      tryAt = now + rules.openFor().toSeconds();
    }
  }

  @Test
  void manyThreadsGetOneTrialBetweenThem() throws Exception {
    open();
    clock.advance(MINUTE);
    try (var threads = Executors.newFixedThreadPool(8)) {
      var asked = new ArrayList<Future<Boolean>>();
      for (int i = 0; i < 64; i++) {
        asked.add(threads.submit(() -> breaker.enter().isPresent()));
      }
      int let = 0;
      for (var one : asked) {
        let += one.get() ? 1 : 0;
      }
      assertThat(let).isEqualTo(1);
    }
  }
}
