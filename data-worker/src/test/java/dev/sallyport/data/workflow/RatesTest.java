package dev.sallyport.data.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.binding.StrictJson;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RatesTest {
  /** Ten starts in any minute. */
  static final class Limited implements Workflow<Integer, Integer> {
    @Override
    public WorkflowOptions options() {
      return WorkflowOptions.DEFAULT.startRate(10, Duration.ofMinutes(1));
    }

    @Override
    public Integer run(Run run, Integer number) {
      return number;
    }
  }

  private static Definition definition(Workflow<?, ?> workflow) {
    var payloads = new Payloads(StrictJson.mapper());
    return new Registry(payloads, List.of(workflow)).all().getFirst();
  }

  private final Definition limited = definition(new Limited());

  @Test
  void aBurstOfAWholePeriodIsAllowedAndThenAnEvenRate() {
    assertThat(Rates.allowed(limited, Duration.ZERO)).isEqualTo(10);
    var ahead = Rates.cost(limited, 10);
    assertThat(ahead).isEqualTo(Duration.ofMinutes(1));
    assertThat(Rates.allowed(limited, ahead)).isZero();
    assertThat(Rates.allowed(limited, ahead.minusMillis(5999))).isZero();
    assertThat(Rates.allowed(limited, ahead.minusSeconds(6))).isEqualTo(1);
  }

  @Test
  void moreThanAPeriodAheadAllowsNone() {
    assertThat(Rates.allowed(limited, Duration.ofHours(1))).isZero();
  }

  @Test
  void withoutARateThereIsNoLimit() {
    var free = definition(new Code(run -> 1));
    assertThat(Rates.allowed(free, Duration.ofDays(1))).isEqualTo(Long.MAX_VALUE);
    assertThat(Rates.cost(free, 5)).isZero();
  }
}
