package dev.sallyport.data.queue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.arc.All;
import io.quarkus.arc.InstanceHandle;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Every queue that this worker's code declares. Immutable once made. */
@Singleton
class QueueRegistry {
  private final Map<String, Declared> queues = new TreeMap<>();

  @Inject
  QueueRegistry(
      @All List<InstanceHandle<QueueConsumer<?>>> consumers,
      @All List<InstanceHandle<PulledQueue>> pulled,
      ObjectMapper mapper) {
    for (var bean : consumers) {
      add(bean.getBean().getBeanClass(), bean.get(), mapper);
    }
    for (var bean : pulled) {
      if (bean.get().enabled()) {
        add(bean.getBean().getBeanClass(), bean.get().options(), null, mapper);
      }
    }
  }

  /** For tests: consumers that are no beans. */
  QueueRegistry(ObjectMapper mapper, List<QueueConsumer<?>> consumers, List<PulledQueue> pulled) {
    consumers.forEach(one -> add(one.getClass(), one, mapper));
    pulled.forEach(one -> add(one.getClass(), one.options(), null, mapper));
  }

  @SuppressWarnings("unchecked") // bodies are read into the very class that it declares
  private void add(Class<?> bean, QueueConsumer<?> consumer, ObjectMapper mapper) {
    if (consumer.enabled()) {
      add(bean, consumer.options(), (QueueConsumer<Object>) consumer, mapper);
    }
  }

  private void add(
      Class<?> bean,
      QueueOptions options,
      @Nullable QueueConsumer<Object> consumer,
      ObjectMapper mapper) {
    var name = options.name().orElseGet(() -> Declared.nameOf(bean));
    var body =
        consumer == null
            ? null
            : mapper.constructType(bean).findTypeParameters(QueueConsumer.class)[0];
    if (queues.put(name, new Declared(name, options, consumer, body)) != null) {
      throw new IllegalArgumentException("two beans declare the queue " + name);
    }
  }

  Optional<Declared> find(String name) {
    return Optional.ofNullable(queues.get(name));
  }

  /** All of them, by name. */
  Collection<Declared> all() {
    return List.copyOf(queues.values());
  }
}
