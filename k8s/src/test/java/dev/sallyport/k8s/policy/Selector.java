package dev.sallyport.k8s.policy;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A label selector: all of its requirements must hold, so one without any selects everything.
 *
 * <p>An <em>absent</em> selector is another matter: what it means depends on where it is absent, so
 * it has no form here. See {@link Peer.Pods}.
 *
 * @see <a href="https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/">Labels
 *     and Selectors</a>
 */
record Selector(List<Requirement> requirements) {

  /** The empty selector, {@code {}}. */
  static final Selector EVERYTHING = new Selector(List.of());

  Selector {
    requirements = List.copyOf(requirements);
  }

  /** Of {@code matchLabels} alone. */
  static Selector of(Map<String, String> matchLabels) {
    return new Selector(
        matchLabels.entrySet().stream()
            .<Requirement>map(pair -> new In(pair.getKey(), Set.of(pair.getValue())))
            .toList());
  }

  boolean matches(Map<String, String> labels) {
    return requirements.stream().allMatch(requirement -> requirement.holds(labels));
  }

  /** One entry of {@code matchExpressions}, or one pair of {@code matchLabels}. */
  sealed interface Requirement {
    /** The label that it is about. */
    String key();

    /** Whether labels like these satisfy it. */
    default boolean holds(Map<String, String> labels) {
      return switch (this) {
        case In(var key, var values) -> labels.containsKey(key) && values.contains(labels.get(key));
        // Also true of a pod without the label: a well-known way to select too much.
        case NotIn(var key, var values) ->
            !labels.containsKey(key) || !values.contains(labels.get(key));
        case Exists(var key) -> labels.containsKey(key);
        case DoesNotExist(var key) -> !labels.containsKey(key);
      };
    }
  }

  /** The label is there and has one of these values. */
  record In(String key, Set<String> values) implements Requirement {
    In {
      values = someOf(values);
    }
  }

  /** The label is absent or has none of these values. */
  record NotIn(String key, Set<String> values) implements Requirement {
    NotIn {
      values = someOf(values);
    }
  }

  /** The label is there. */
  record Exists(String key) implements Requirement {}

  /** The label is absent. */
  record DoesNotExist(String key) implements Requirement {}

  private static Set<String> someOf(Set<String> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("In and NotIn need at least one value");
    }
    return Set.copyOf(values);
  }
}
