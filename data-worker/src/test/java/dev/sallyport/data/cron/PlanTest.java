package dev.sallyport.data.cron;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PlanTest {
  private static final Timing HOURLY = new Timing.Cron("0 * * * *", ZoneId.of("UTC"));
  private static final Timing EVERY_SECOND =
      new Timing.Every(Duration.ofSeconds(1), Instant.parse("2020-01-01T00:00:00Z"));

  private static Plan plan(Timing timing, Missed missed, String due, String now) {
    return Plan.of(timing, missed, Instant.parse(due), Duration.ZERO, Instant.parse(now));
  }

  private static Instant at(String hour) {
    return Instant.parse("2026-11-21T" + hour + ":00:00Z");
  }

  @ParameterizedTest
  @EnumSource
  void whatIsInTimeFiresWhateverHoldsForMissedOnes(Missed missed) {
    var plan = plan(HOURLY, missed, "2026-11-21T05:00:00Z", "2026-11-21T05:00:59Z");
    assertThat(plan).isEqualTo(new Plan(java.util.List.of(at("05")), 0, null, at("06")));
  }

  @ParameterizedTest
  @EnumSource
  void aWorkerThatIsSecondsBehindMissesNothing(Missed missed) {
    var plan = plan(EVERY_SECOND, missed, "2026-11-21T05:00:00Z", "2026-11-21T05:00:09.5Z");
    assertThat(plan.fires()).hasSize(10);
    assertThat(plan.missed()).isZero();
    assertThat(plan.next()).isEqualTo("2026-11-21T05:00:10Z");
  }

  @Test
  void missedTimesAreSkipped() {
    var plan = plan(HOURLY, Missed.SKIP, "2026-11-21T05:00:00Z", "2026-11-21T08:30:00Z");
    assertThat(plan).isEqualTo(new Plan(java.util.List.of(), 4, at("08"), at("09")));
  }

  @Test
  void ofMissedTimesTheLastIsMadeUpFor() {
    var plan = plan(HOURLY, Missed.ONCE, "2026-11-21T05:00:00Z", "2026-11-21T08:30:00Z");
    assertThat(plan).isEqualTo(new Plan(java.util.List.of(at("08")), 3, at("07"), at("09")));
  }

  @Test
  void allMissedTimesAreMadeUpFor() {
    var plan = plan(HOURLY, Missed.ALL, "2026-11-21T05:00:00Z", "2026-11-21T08:30:00Z");
    assertThat(plan)
        .isEqualTo(
            new Plan(java.util.List.of(at("05"), at("06"), at("07"), at("08")), 0, null, at("09")));
  }

  @Test
  void anAbsenceOfYearsIsBoundedInFiresAndInWork() {
    var plan = plan(EVERY_SECOND, Missed.ALL, "2021-01-01T00:00:00Z", "2026-11-21T05:00:00Z");
    assertThat(plan.fires()).hasSize(Plan.CATCH_UP_MAX);
    assertThat(plan.fires().getFirst()).isEqualTo("2026-11-21T04:58:21Z");
    assertThat(plan.fires().getLast()).isEqualTo("2026-11-21T05:00:00Z");
    assertThat(plan.missed()).isEqualTo(Plan.COUNT_MAX);
    assertThat(plan.next()).isEqualTo("2026-11-21T05:00:01Z");
    assertThat(
            plan(EVERY_SECOND, Missed.SKIP, "2021-01-01T00:00:00Z", "2026-11-21T05:00:00Z").fires())
        .hasSize(61);
    assertThat(
            plan(EVERY_SECOND, Missed.ONCE, "2021-01-01T00:00:00Z", "2026-11-21T05:00:00Z").fires())
        .hasSize(62);
  }

  @Test
  void burstsLongAgoAreFound() {
    var bursts = new Timing.Cron("* * 3 1 1 *", ZoneId.of("UTC"));
    var plan = plan(bursts, Missed.ALL, "2020-01-01T03:00:00Z", "2026-11-21T05:00:00Z");
    assertThat(plan.fires()).hasSize(Plan.CATCH_UP_MAX);
    assertThat(plan.fires().getLast()).isEqualTo("2026-01-01T03:59:59Z");
    assertThat(plan.next()).isEqualTo("2027-01-01T03:00:00Z");
  }

  @Test
  void jitterIsNotLateness() {
    var plan =
        Plan.of(HOURLY, Missed.SKIP, at("05"), Duration.ofMinutes(20), at("05").plusSeconds(1201));
    assertThat(plan.fires()).containsExactly(at("05"));
  }

  @Test
  void whatIsDueOnceIsNotDueAgain() {
    var plan = Plan.of(new Timing.At(at("05")), Missed.ONCE, at("05"), Duration.ZERO, at("23"));
    assertThat(plan).isEqualTo(new Plan(java.util.List.of(at("05")), 0, null, null));
  }
}
