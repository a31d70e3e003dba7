package dev.sallyport.data.queue;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Set;
import java.util.stream.Collectors;

/** Which queues there are, for those who send to one by its name. Immutable. */
@Singleton
public class Queues {
  private final Set<String> names;

  @Inject
  Queues(QueueRegistry registry) {
    this.names =
        registry.all().stream().map(Declared::name).collect(Collectors.toUnmodifiableSet());
  }

  /** Those that this worker declares, open or not. */
  public Set<String> names() {
    return names;
  }
}
