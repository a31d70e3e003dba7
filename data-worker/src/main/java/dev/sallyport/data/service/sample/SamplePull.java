package dev.sallyport.data.service.sample;

import dev.sallyport.data.binding.Access;
import dev.sallyport.data.queue.PulledQueue;
import dev.sallyport.data.queue.QueueOptions;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/** Messages for whoever fetches them over HTTP. Queue {@code sample-pull}. */
@ApplicationScoped
class SamplePull implements PulledQueue {
  private final SampleSettings settings;

  @Inject
  SamplePull(SampleSettings settings) {
    this.settings = settings;
  }

  @Override
  public boolean enabled() {
    return settings.enabled();
  }

  @Override
  public QueueOptions options() {
    return QueueOptions.DEFAULT
        .name("sample-pull")
        .senders(Access.users())
        .operators(Access.users());
  }
}
