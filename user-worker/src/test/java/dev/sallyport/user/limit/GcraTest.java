package dev.sallyport.user.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GcraTest {
  private static final long MINUTE = 60_000_000;
  private static final long START = 1_795_000_000_000_000L;

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 100, 1000, 4321})
  void aWholeMinutesBudgetMayBeUsedAtOnceAndNoMore(int perMinute) {
    var bucket = Gcra.WHOLE;
    for (int i = 1; i <= perMinute; i++) {
      var step = bucket.on(perMinute, START, true);
      assertThat(step.standing().admitted()).isTrue();
      assertThat(step.standing().remaining()).isEqualTo(perMinute - i);
      bucket = step.bucket();
    }
    var beyond = bucket.on(perMinute, START, true);
    assertThat(beyond.standing().admitted()).isFalse();
    assertThat(beyond.bucket()).isEqualTo(bucket);
    assertThat(beyond.standing().wholeMicros()).isEqualTo(MINUTE);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 100, 1000, 59_999_999, 60_000_000})
  void whoWaitsAsLongAsToldIsAdmittedAndNotAMicrosecondEarlier(int perMinute) {
    var empty = new Gcra(START, perMinute * MINUTE);
    long next = empty.on(perMinute, START, true).standing().nextMicros();
    assertThat(next).isEqualTo(Math.ceilDiv(MINUTE, perMinute));
    assertThat(empty.on(perMinute, START + next - 1, true).standing().admitted()).isFalse();
    assertThat(empty.on(perMinute, START + next, true).standing().admitted()).isTrue();
  }

  @Test
  void aLookSaysWhatAChargeWouldAndChangesNothing() {
    var one = new Gcra(START, 99 * MINUTE);
    var looked = one.on(100, START, false);
    assertThat(looked.standing()).isEqualTo(new Standing(true, 1, 0, 59_400_000));
    assertThat(looked.bucket()).isEqualTo(one);
    var charged = one.on(100, START, true);
    assertThat(charged.standing()).isEqualTo(new Standing(true, 0, 600_000, MINUTE));
    assertThat(charged.bucket().on(100, START, false).standing())
        .isEqualTo(new Standing(false, 0, 600_000, MINUTE));
  }

  @Test
  void aClockThatGoesBackPaysNothingOff() {
    var empty = new Gcra(START, 100 * MINUTE);
    assertThat(empty.on(100, START - MINUTE, true).standing().admitted()).isFalse();
    var some = new Gcra(START, 98 * MINUTE).on(100, START - MINUTE, true);
    assertThat(some.standing().remaining()).isEqualTo(1);
    assertThat(some.bucket().on(100, START - MINUTE + 600_000, false).standing().remaining())
        .isEqualTo(2);
  }

  @Test
  void whereLessIsAllowedThanIsOwedTheRestIsWaitedFor() {
    var standing = new Gcra(START, 100 * MINUTE).on(10, START, true).standing();
    assertThat(standing.admitted()).isFalse();
    assertThat(standing.remaining()).isZero();
    assertThat(standing.nextMicros()).isEqualTo(91 * MINUTE / 10);
  }

  /** Against the textbook's theoretical arrival time, in fractions that are exact enough. */
  @Test
  void itIsTheGenericCellRateAlgorithm() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      int perMinute = 1 + random.nextInt(random.nextBoolean() ? 50 : Gcra.PER_MINUTE_MAX);
      var bucket = Gcra.WHOLE;
      long now = START;
      var tat = Fraction.of(0);
      for (int i = 0; i < 300; i++) {
        now += random.nextInt(4) == 0 ? random.nextLong(3 * MINUTE / perMinute + 2) : 0;
        var step = bucket.on(perMinute, now, true);
        var begin = tat.max(Fraction.of(now));
        // Conforms if the theoretical arrival is at most a minute less one interval ahead.
        var after = begin.plus(new Fraction(BigInteger.valueOf(MINUTE), perMinute));
        boolean conforms = after.compareTo(Fraction.of(now + MINUTE)) <= 0;
        assertThat(step.standing().admitted())
            .as("seed %d round %d step %d", seed, round, i)
            .isEqualTo(conforms);
        if (conforms) {
          tat = after;
        }
        bucket = step.bucket();
      }
    }
  }

  /** Of one denominator per run, so that adding is exact. */
  private record Fraction(BigInteger over, int under) implements Comparable<Fraction> {
    static Fraction of(long whole) {
      return new Fraction(BigInteger.valueOf(whole), 1);
    }

    Fraction plus(Fraction other) {
      int common = Math.max(under, other.under);
      return new Fraction(scaled(common).add(other.scaled(common)), common);
    }

    private BigInteger scaled(int common) {
      return over.multiply(BigInteger.valueOf(common / under));
    }

    Fraction max(Fraction other) {
      return compareTo(other) >= 0 ? this : other;
    }

    @Override
    public int compareTo(Fraction other) {
      int common = Math.max(under, other.under);
      return scaled(common).compareTo(other.scaled(common));
    }
  }
}
