package dev.sallyport.data.service.audit;

import dev.sallyport.data.queue.Batch;
import dev.sallyport.data.queue.QueueConsumer;
import dev.sallyport.data.queue.QueueOptions;
import dev.sallyport.model.AuditedCalls;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.enterprise.context.ApplicationScoped;

/**
 * Appends what user-workers send to the trail. Nobody may send to this queue over HTTP: the default
 * is nobody.
 */
@ApplicationScoped
@RegisterForReflection(targets = {AuditedCalls.class, AuditedCalls.Call.class})
class AuditQueue implements QueueConsumer<AuditedCalls> {
  /** Rows are independent, and more connections at once make none of them faster. */
  private static final int CONCURRENCY = 2;

  private static final int PARTITIONS = 4;

  @Override
  public QueueOptions options() {
    return QueueOptions.DEFAULT
        .name(AuditedCalls.QUEUE)
        .partitions(PARTITIONS)
        .concurrency(CONCURRENCY);
  }

  @Override
  public void consume(Batch<AuditedCalls> batch) throws Exception {
    var calls =
        batch.messages().stream().flatMap(message -> message.body().calls().stream()).toList();
    batch.done(tx -> AuditSql.append(tx, calls));
  }
}
