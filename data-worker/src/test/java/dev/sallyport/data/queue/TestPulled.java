package dev.sallyport.data.queue;

import dev.sallyport.data.binding.Access;
import jakarta.inject.Singleton;
import java.time.Duration;

/** A queue that tests pull from. */
@Singleton
public class TestPulled implements PulledQueue {
  static final String NAME = "trial-pull";

  @Override
  public QueueOptions options() {
    return QueueOptions.DEFAULT
        .name(NAME)
        .partitions(4)
        .operators(Access.role("porter"))
        .retry(3, Duration.ofMillis(100), Duration.ofMillis(200));
  }
}
