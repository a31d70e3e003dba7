package dev.sallyport.user.binding;

import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The fallbacks that there are, by the binding that they stand in for. Immutable once made. */
@ApplicationScoped
class Fallbacks {
  private final Map<String, Fallback> byBinding = new HashMap<>();

  @Inject
  Fallbacks(@Any Instance<Fallback> all) {
    for (var handle : all.handles()) {
      var bean = handle.getBean();
      var binding =
          bean.getQualifiers().stream()
              .filter(Identifier.class::isInstance)
              .map(qualifier -> ((Identifier) qualifier).value())
              .findAny()
              .orElseThrow(() ->
                  new ConfigurationException(
                      bean.getBeanClass().getName()
                          + " is a Fallback and needs @Identifier with the name of its binding"));
      if (byBinding.put(binding, handle.get()) != null) {
        throw new ConfigurationException(
            "the binding " + binding + " has two fallbacks; keep one of the beans");
      }
    }
  }

  Optional<Fallback> of(String binding) {
    return Optional.ofNullable(byBinding.get(binding));
  }

  /**
   * Nobody stands in for what does not exist.
   *
   * @throws ConfigurationException where somebody does
   */
  void check(Set<String> bindings) {
    for (var binding : byBinding.keySet()) {
      if (!bindings.contains(binding)) {
        throw new ConfigurationException(
            "there is a fallback for the binding "
                + binding
                + ", but no sallyport.bindings."
                + binding
                + ".url");
      }
    }
  }
}
