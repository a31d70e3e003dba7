package dev.sallyport.k8s.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which labels a selector selects. */
class SelectorTest {

  private static final Map<String, String> WEB = Map.of("app", "web", "tier", "front");

  @Test
  void theEmptyOneSelectsEverything() {
    assertThat(Selector.EVERYTHING.matches(Map.of())).isTrue();
    assertThat(Selector.EVERYTHING.matches(WEB)).isTrue();
  }

  @Test
  void everyPairOfLabelsMustBeThere() {
    assertThat(Selector.of(Map.of("app", "web")).matches(WEB)).isTrue();
    assertThat(Selector.of(Map.of("app", "web", "tier", "back")).matches(WEB)).isFalse();
    assertThat(Selector.of(Map.of("app", "web")).matches(Map.of("tier", "front"))).isFalse();
  }

  @Test
  void inWantsTheLabelAndOneOfTheValues() {
    var requirement = new Selector.In("app", Set.of("web", "api"));
    assertThat(requirement.holds(WEB)).isTrue();
    assertThat(requirement.holds(Map.of("app", "db"))).isFalse();
    assertThat(requirement.holds(Map.of())).isFalse();
  }

  @Test
  void notInIsSatisfiedByThoseWithoutTheLabelToo() {
    var requirement = new Selector.NotIn("app", Set.of("web"));
    assertThat(requirement.holds(WEB)).isFalse();
    assertThat(requirement.holds(Map.of("app", "db"))).isTrue();
    assertThat(requirement.holds(Map.of())).isTrue();
  }

  @Test
  void existsAndDoesNotExistLookAtTheKeyAlone() {
    assertThat(new Selector.Exists("app").holds(WEB)).isTrue();
    assertThat(new Selector.Exists("app").holds(Map.of())).isFalse();
    assertThat(new Selector.DoesNotExist("app").holds(WEB)).isFalse();
    assertThat(new Selector.DoesNotExist("app").holds(Map.of())).isTrue();
  }

  @Test
  void expressionsAndPairsMustAllHold() {
    var selector =
        new Selector(List.of(new Selector.Exists("app"), new Selector.DoesNotExist("tier")));
    assertThat(selector.matches(WEB)).isFalse();
    assertThat(selector.matches(Map.of("app", "web"))).isTrue();
  }

  @Test
  void inWithoutValuesIsRefused() {
    assertThatThrownBy(() -> new Selector.In("app", Set.of())).hasMessageContaining("value");
  }
}
