package dev.sallyport.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule holds for every rendering, and notices each edit that breaks it. */
class LintTest {
  private static final List<Rule> RULES =
      Stream.of(
              ObjectRules.ALL,
              PodRules.ALL,
              ImageRules.ALL,
              ResourceRules.ALL,
              ProbeRules.ALL,
              RolloutRules.ALL,
              ScalingRules.ALL,
              ServiceRules.ALL,
              RouteRules.ALL,
              SettingRules.ALL)
          .flatMap(List::stream)
          .toList();

  private static final List<Rendering> RENDERINGS =
      Manifests.names().stream().map(Rendering::of).toList();

  static List<Rule> rules() {
    return RULES;
  }

  static Stream<Arguments> edits() {
    return RULES.stream()
        .flatMap(rule -> rule.breaks().stream().map(edit -> arguments(rule, edit)));
  }

  @Test
  void everyRuleIsNamedOnce() {
    assertThat(RULES).extracting(Rule::promise).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @MethodSource("rules")
  void itHolds(Rule rule) {
    assertThat(RENDERINGS)
        .allSatisfy(rendering ->
            assertThat(rule.breaches().apply(rendering)).as(rendering.name()).isEmpty());
  }

  /** The broken manifest is still one that an API server takes: only the rule is in the way. */
  @ParameterizedTest
  @MethodSource("edits")
  void itNotices(Rule rule, Edit edit) {
    var broken = edit.applied();
    assertThat(broken.documents()).allSatisfy(one -> assertThat(StrictYaml.bind(one)).isNotNull());
    assertThat(rule.breaches().apply(broken)).isNotEmpty();
  }
}
