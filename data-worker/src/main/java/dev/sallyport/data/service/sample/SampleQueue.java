package dev.sallyport.data.service.sample;

import dev.sallyport.data.binding.Access;
import dev.sallyport.data.queue.Batch;
import dev.sallyport.data.queue.QueueConsumer;
import dev.sallyport.data.queue.QueueOptions;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.jspecify.annotations.Nullable;

/** Adds to counters, once for each message. Queue {@code sample}. */
@ApplicationScoped
class SampleQueue implements QueueConsumer<SampleQueue.Count> {
  static final String NAME = "sample";

  private final SampleSettings settings;

  @Inject
  SampleQueue(SampleSettings settings) {
    this.settings = settings;
  }

  /**
   * What to count.
   *
   * @param key of the counter
   * @param fail how many attempts fail first
   */
  @RegisterForReflection
  record Count(String key, @Nullable Integer fail) {
    Count {
      if (!SampleSql.isKey(key)) {
        throw new IllegalArgumentException("key is " + SampleSql.KEY_FORM);
      }
    }

    boolean failsAt(int attempt) {
      return fail != null && attempt <= fail;
    }
  }

  @Override
  public boolean enabled() {
    return settings.enabled();
  }

  @Override
  public QueueOptions options() {
    return QueueOptions.DEFAULT.name(NAME).senders(Access.users());
  }

  @Override
  public void consume(Batch<Count> batch) throws Exception {
    var counted =
        batch.messages().stream().filter(one -> !one.body().failsAt(one.attempt())).toList();
    if (!counted.isEmpty()) {
      batch.done(
          counted,
          tx -> SampleSql.addAll(tx, counted.stream().map(one -> one.body().key()).toList()));
    }
    if (counted.size() < batch.messages().size()) {
      throw new IllegalStateException("fails as it was told to");
    }
  }
}
