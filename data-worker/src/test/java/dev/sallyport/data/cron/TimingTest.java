package dev.sallyport.data.cron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When schedules are due; the expected moments are written by hand. */
class TimingTest {
  private static List<String> after(Timing timing, String moment, int count) {
    var fires = new ArrayList<String>();
    var next = timing.next(Instant.parse(moment));
    while (next.isPresent() && fires.size() < count) {
      fires.add(next.get().toString());
      next = timing.next(next.get());
    }
    return fires;
  }

  /**
   * Both changes of 2026 in two zones. Berlin: on March 29 at 01:00Z the clocks go from 02:00 to
   * 03:00, on October 25 at 01:00Z from 03:00 to 02:00. New York: on March 8 at 07:00Z from 02:00
   * to 03:00, on November 1 at 06:00Z from 02:00 to 01:00.
   */
  @ParameterizedTest(name = "{0} in {1} after {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # A time that does not exist is due at the change, once, and on other days when it says.
          30 2 * * *      | Europe/Berlin    | 2026-03-27T12:00:00Z | 2026-03-28T01:30:00Z 2026-03-29T01:00:00Z 2026-03-30T00:30:00Z
          30 2 * * *      | America/New_York | 2026-03-06T12:00:00Z | 2026-03-07T07:30:00Z 2026-03-08T07:00:00Z 2026-03-09T06:30:00Z
          0 2 * * *       | Europe/Berlin    | 2026-03-28T12:00:00Z | 2026-03-29T01:00:00Z 2026-03-30T00:00:00Z
          # Several that do not exist are one, also with one that the change leads to.
          0,30 2 * * *    | Europe/Berlin    | 2026-03-28T12:00:00Z | 2026-03-29T01:00:00Z 2026-03-30T00:00:00Z 2026-03-30T00:30:00Z
          0 2,3 * * *     | Europe/Berlin    | 2026-03-28T12:00:00Z | 2026-03-29T01:00:00Z 2026-03-30T00:00:00Z 2026-03-30T01:00:00Z
          0 1-4 * * *     | America/New_York | 2026-03-08T05:00:00Z | 2026-03-08T06:00:00Z 2026-03-08T07:00:00Z 2026-03-08T08:00:00Z 2026-03-09T05:00:00Z
          */20 30 2 * * * | Europe/Berlin    | 2026-03-28T12:00:00Z | 2026-03-29T01:00:00Z 2026-03-30T00:30:00Z 2026-03-30T00:30:20Z
          # Times beside the change are what they are.
          59 1 * * *      | Europe/Berlin    | 2026-03-28T12:00:00Z | 2026-03-29T00:59:00Z 2026-03-29T23:59:00Z
          0 3 * * *       | Europe/Berlin    | 2026-03-28T12:00:00Z | 2026-03-29T01:00:00Z 2026-03-30T01:00:00Z
          # A time that comes twice is due the first time.
          30 2 * * *      | Europe/Berlin    | 2026-10-24T12:00:00Z | 2026-10-25T00:30:00Z 2026-10-26T01:30:00Z
          30 1 * * *      | America/New_York | 2026-10-31T12:00:00Z | 2026-11-01T05:30:00Z 2026-11-02T06:30:00Z
          0 2 * * *       | Europe/Berlin    | 2026-10-24T12:00:00Z | 2026-10-25T00:00:00Z 2026-10-26T01:00:00Z
          0 3 * * *       | Europe/Berlin    | 2026-10-24T12:00:00Z | 2026-10-25T02:00:00Z 2026-10-26T02:00:00Z
          0 1 * * *       | America/New_York | 2026-10-31T12:00:00Z | 2026-11-01T05:00:00Z 2026-11-02T06:00:00Z
          0 2 * * *       | America/New_York | 2026-10-31T12:00:00Z | 2026-11-01T07:00:00Z 2026-11-02T07:00:00Z
          # From within the hour that comes again, too.
          30,45 2 * * *   | Europe/Berlin    | 2026-10-25T00:30:00Z | 2026-10-25T00:45:00Z 2026-10-26T01:30:00Z
          30,45 2 * * *   | Europe/Berlin    | 2026-10-25T01:10:00Z | 2026-10-26T01:30:00Z 2026-10-26T01:45:00Z
          # Every so often follows real time.
          0 * * * *       | Europe/Berlin    | 2026-03-28T23:30:00Z | 2026-03-29T00:00:00Z 2026-03-29T01:00:00Z 2026-03-29T02:00:00Z
          0 * * * *       | Europe/Berlin    | 2026-10-24T23:30:00Z | 2026-10-25T00:00:00Z 2026-10-25T01:00:00Z 2026-10-25T02:00:00Z 2026-10-25T03:00:00Z
          */30 * * * *    | America/New_York | 2026-03-08T06:15:00Z | 2026-03-08T06:30:00Z 2026-03-08T07:00:00Z 2026-03-08T07:30:00Z
          */30 * * * *    | America/New_York | 2026-11-01T05:15:00Z | 2026-11-01T05:30:00Z 2026-11-01T06:00:00Z 2026-11-01T06:30:00Z 2026-11-01T07:00:00Z
          # Not in an hour that does not exist, in both of one that comes twice.
          */30 2 * * *    | Europe/Berlin    | 2026-03-28T12:00:00Z | 2026-03-30T00:00:00Z 2026-03-30T00:30:00Z
          */30 2 * * *    | Europe/Berlin    | 2026-10-24T12:00:00Z | 2026-10-25T00:00:00Z 2026-10-25T00:30:00Z 2026-10-25T01:00:00Z 2026-10-25T01:30:00Z 2026-10-26T01:00:00Z
          30 */2 * * *    | Europe/Berlin    | 2026-03-28T23:00:00Z | 2026-03-28T23:30:00Z 2026-03-29T02:30:00Z
          30 */2 * * *    | Europe/Berlin    | 2026-10-24T22:00:00Z | 2026-10-24T22:30:00Z 2026-10-25T00:30:00Z 2026-10-25T01:30:00Z 2026-10-25T03:30:00Z
          # Half an hour, and a whole day.
          15 2 * * *      | Australia/Lord_Howe | 2026-10-02T16:00:00Z | 2026-10-03T15:30:00Z 2026-10-04T15:15:00Z
          0 12 * * *      | Pacific/Apia     | 2011-12-29T00:00:00Z | 2011-12-29T22:00:00Z 2011-12-30T10:00:00Z 2011-12-30T22:00:00Z
          """)
  void bothChangesOfTheClocksFollowTheStatedRule(
      String expression, ZoneId zone, String after, String expected) {
    var fires = expected.split(" ");
    assertThat(after(new Timing.Cron(expression, zone), after, fires.length))
        .containsExactly(fires);
  }

  @Test
  void overAYearAFixedTimeIsDueOnceADayAndAnHourlyOneOnceAnHour() {
    for (var zone : List.of("Europe/Berlin", "America/New_York", "Pacific/Chatham")) {
      assertThat(count("30 2 * * *", zone)).as(zone).isEqualTo(365);
      assertThat(count("30 * * * *", zone)).as(zone).isEqualTo(365 * 24);
    }
  }

  private static int count(String expression, String zone) {
    var timing = new Timing.Cron(expression, ZoneId.of(zone));
    var end = Instant.parse("2027-01-10T00:00:00Z");
    int fires = 0;
    for (var next = timing.next(end.minus(Duration.ofDays(365)));
        !next.orElseThrow().isAfter(end);
        next = timing.next(next.get())) {
      fires++;
    }
    return fires;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0 3 * * *        | 2026-01-01T03:00:00Z | 2026-01-02T03:00:00Z
          0 3 * * *        | 2026-01-01T02:59:59.999Z | 2026-01-01T03:00:00Z
          */15 8-17 * * 1-5 | 2026-11-20T17:45:00Z | 2026-11-23T08:00:00Z
          0 0 * * SUN      | 2026-11-21T00:00:00Z | 2026-11-22T00:00:00Z
          0 0 * * 7        | 2026-11-21T00:00:00Z | 2026-11-22T00:00:00Z
          0 0 13 * FRI     | 2026-11-07T00:00:00Z | 2026-11-13T00:00:00Z
          0 0 15 * FRI     | 2026-11-07T00:00:00Z | 2026-11-13T00:00:00Z
          0 0 15 * FRI     | 2026-11-13T00:00:00Z | 2026-11-15T00:00:00Z
          0 0 */2 * FRI    | 2026-11-07T00:00:00Z | 2026-11-13T00:00:00Z
          0 0 29 2 *       | 2096-03-01T00:00:00Z | 2104-02-29T00:00:00Z
          0 0 31 * *       | 2026-03-31T00:00:00Z | 2026-05-31T00:00:00Z
          30 59 23 31 12 * | 2026-01-01T00:00:00Z | 2026-12-31T23:59:30Z
          @monthly         | 2026-11-21T00:00:00Z | 2026-12-01T00:00:00Z
          0 0 1 jan,jul *  | 2026-11-21T00:00:00Z | 2027-01-01T00:00:00Z
          10-20/5 * * * *  | 2026-11-21T00:10:00Z | 2026-11-21T00:15:00Z
          """)
  void expressionsMeanWhatTheyMeanInEveryCrond(String expression, String after, Instant expected) {
    var timing = new Timing.Cron(expression, ZoneId.of("UTC"));
    assertThat(timing.next(Instant.parse(after))).contains(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          * * * *          | five fields
          * * * * * * *    | five fields
          60 * * * *       | minute: '60' is not between 0 and 59
          * 24 * * *       | hour: '24'
          * * 0 * *        | day of the month: '0'
          * * * FEBR *     | month: 'FEBR'
          * * * * 8        | day of the week: '8'
          5/15 * * * *     | a step follows * or a range
          20-10 * * * *    | begins after its end
          */0 * * * *      | a step is a number
          1,,2 * * * *     | minute: ''
          -1 * * * *       | minute: '-1'
          0 0 L * *        | day of the month: 'L'
          0 0 31 2 *       | never comes
          @reboot          | five fields
          """)
  void whatIsNoExpressionIsRefusedWithAReason(String expression, String reason) {
    assertThatThrownBy(() -> new Timing.Cron(expression, ZoneId.of("UTC")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void intervalsKeepTheirDistanceFromTheBeginning() {
    var every = new Timing.Every(Duration.ofMinutes(7), Instant.parse("2026-01-01T00:00:00Z"));
    assertThat(after(every, "2025-12-31T00:00:00Z", 2))
        .containsExactly("2026-01-01T00:07:00Z", "2026-01-01T00:14:00Z");
    assertThat(after(every, "2026-01-01T00:14:00.5Z", 1)).containsExactly("2026-01-01T00:21:00Z");
    assertThatThrownBy(() -> new Timing.Every(Duration.ofMillis(1500), Instant.EPOCH))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Timing.Every(Duration.ZERO, Instant.EPOCH))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void onceIsOnce() {
    var at = new Timing.At(Instant.parse("2026-01-01T00:00:00.1239Z"));
    assertThat(after(at, "2025-12-31T00:00:00Z", 9)).containsExactly("2026-01-01T00:00:00.123Z");
    assertThat(after(at, "2026-01-01T00:00:00.123Z", 9)).isEmpty();
  }
}
