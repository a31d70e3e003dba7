package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PromQlTest {
  @Test
  void metricsAreFoundWithTheLabelsTheyArePickedBy() {
    var read =
        PromQl.read(
            "sum by (a, b) (rate(x_total{c=\"(by) y\",d=~\"e|f\"}[5m])) / on (g) z > 0.5 or absent(w)");
    assertThat(read.selectors())
        .containsExactly(
            new PromQl.Selector("x_total", Set.of("c", "d")),
            new PromQl.Selector("z", Set.of()),
            new PromQl.Selector("w", Set.of()));
    assertThat(read.grouping()).containsExactlyInAnyOrder("a", "b", "g");
  }

  @Test
  void theVariablesOfADashboardAreRead() {
    assertThat(PromQl.read("label_values(m, n)").selectors())
        .containsExactly(new PromQl.Selector("m", Set.of()));
    assertThat(PromQl.read("rate(m{n=\"$n\"}[$__rate_interval])").selectors())
        .containsExactly(new PromQl.Selector("m", Set.of("n")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sum(x", "sum(x))", "{a=\"b\"}", "x{a}", "median(x)", "x # y", "x{a=b}"})
  void whatIsNotUnderstoodIsRefused(String expression) {
    assertThatThrownBy(() -> PromQl.read(expression))
        .isInstanceOfAny(IllegalArgumentException.class, IndexOutOfBoundsException.class);
  }
}
