package dev.sallyport.data.cron;

import static org.assertj.core.api.Assertions.assertThat;

import com.cronutils.model.definition.CronDefinition;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What cron-utils says about the same expressions, in UTC, where no clock changes. */
class CronOracleTest {
  private static final int EXPRESSIONS = 300;
  private static final int TIMES = 4;
  private static final List<String> MONTHS = List.of("JAN", "feb", "Sep", "DEC");
  private static final List<String> WEEKDAYS = List.of("SUN", "mon", "Fri", "SAT");

  private final Random random = new Random(7);

  @Test
  void randomExpressionsAreDueWhenCronUtilsSays() {
    for (int i = 0; i < EXPRESSIONS; i++) {
      var expression = expression();
      var ours = CronExpression.parse(expression);
      var theirs = theirs(expression);
      var at = LocalDateTime.of(2026, 1, 1, 0, 0).plusSeconds(random.nextInt(126_230_400));
      for (int n = 0; n < TIMES; n++) {
        var next = ours.next(at);
        assertThat(next)
            .as("%s after %s", expression, at)
            .isEqualTo(
                theirs
                    .nextExecution(at.atZone(ZoneOffset.UTC))
                    .map(ZonedDateTime::toLocalDateTime));
        at = next.orElse(at.plusDays(1));
      }
    }
  }

  private String expression() {
    return String.join(
        " ",
        random.nextInt(5) == 0 ? field(0, 59, List.of()) : "0",
        field(0, 59, List.of()),
        field(0, 23, List.of()),
        random.nextBoolean() ? "*" : field(1, 28, List.of()),
        random.nextBoolean() ? "*" : field(1, 12, MONTHS),
        random.nextBoolean() ? "*" : field(0, 7, WEEKDAYS));
  }

  private String field(int first, int last, List<String> names) {
    int parts = random.nextInt(4) == 0 ? 3 : 1;
    return IntStream.range(0, parts)
        .mapToObj(_ -> part(first, last, names))
        .collect(Collectors.joining(","));
  }

  private String part(int first, int last, List<String> names) {
    int one = random.nextInt(first, last + 1);
    int other = random.nextInt(first, last + 1);
    var range = Math.min(one, other) + "-" + Math.max(one, other);
    return switch (random.nextInt(6)) {
      case 0 -> "*";
      case 1 -> "*/" + random.nextInt(1, last + 1);
      case 2 -> range;
      case 3 -> range + "/" + random.nextInt(1, 6);
      case 4 -> names.isEmpty() ? "" + one : names.get(random.nextInt(names.size()));
      default -> "" + one;
    };
  }

  /** It has no word for a day that begins with a star and is yet restricted, so it is told. */
  private static ExecutionTime theirs(String expression) {
    var fields = expression.split(" ", -1);
    boolean both = fields[3].startsWith("*") || fields[5].startsWith("*");
    return ExecutionTime.forCron(new CronParser(definition(both)).parse(expression));
  }

  private static CronDefinition definition(boolean both) {
    var all =
        CronDefinitionBuilder.defineCron()
            .withSeconds()
            .and()
            .withMinutes()
            .and()
            .withHours()
            .and()
            .withDayOfMonth()
            .and()
            .withMonth()
            .and()
            .withDayOfWeek()
            .withValidRange(0, 7)
            .withMondayDoWValue(1)
            .withIntMapping(7, 0)
            .and();
    return (both ? all.matchDayOfWeekAndDayOfMonth() : all).instance();
  }
}
