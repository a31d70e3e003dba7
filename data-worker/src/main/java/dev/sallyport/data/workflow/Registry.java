package dev.sallyport.data.workflow;

import io.quarkus.arc.All;
import io.quarkus.arc.InstanceHandle;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** Every workflow that this worker can execute. Immutable once made. */
@Singleton
class Registry {
  private final Map<String, NavigableMap<Integer, Definition>> versions = new HashMap<>();
  private final Map<Class<?>, Definition> byClass = new HashMap<>();

  @Inject
  Registry(@All List<InstanceHandle<Workflow<?, ?>>> beans, Payloads payloads) {
    for (var bean : beans) {
      add(bean.getBean().getBeanClass(), bean.get(), payloads);
    }
  }

  /** For tests: workflows that are no beans. */
  Registry(Payloads payloads, List<Workflow<?, ?>> workflows) {
    for (var workflow : workflows) {
      add(workflow.getClass(), workflow, payloads);
    }
  }

  @SuppressWarnings("unchecked") // its parameters are read into the very class that it declares
  private void add(Class<?> implementation, Workflow<?, ?> workflow, Payloads payloads) {
    if (!workflow.enabled()) {
      return;
    }
    var options = workflow.options();
    var types = payloads.type(implementation).findTypeParameters(Workflow.class);
    var definition =
        new Definition(
            options.type().orElseGet(() -> Definition.typeOf(implementation)),
            options.version(),
            (Workflow<Object, Object>) workflow,
            options,
            types[0],
            types[1]);
    byClass.put(implementation, definition);
    var twin =
        versions
            .computeIfAbsent(definition.type(), first -> new TreeMap<>())
            .put(definition.version(), definition);
    if (twin != null) {
      throw new IllegalArgumentException(
          "two workflows are version " + definition.version() + " of " + definition.type());
    }
  }

  /** The newest version of a type. */
  Optional<Definition> find(String type) {
    return Optional.ofNullable(versions.get(type)).map(all -> all.lastEntry().getValue());
  }

  /** One version of a type. */
  Optional<Definition> find(String type, int version) {
    return Optional.ofNullable(versions.get(type)).map(all -> all.get(version));
  }

  /**
   * The newest version of the type that this class belongs to.
   *
   * @throws IllegalArgumentException when it is not registered
   */
  Definition of(Class<? extends Workflow<?, ?>> workflow) {
    var definition = byClass.get(workflow);
    if (definition == null) {
      throw new IllegalArgumentException(workflow.getName() + " is no workflow of this worker");
    }
    return find(definition.type()).orElseThrow();
  }

  /** All versions of all types. */
  List<Definition> all() {
    var all = new ArrayList<Definition>();
    versions.values().forEach(type -> all.addAll(type.values()));
    return List.copyOf(all);
  }
}
