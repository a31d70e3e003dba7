package dev.sallyport.data.queue;

import dev.sallyport.data.platform.BrokerFailure;
import dev.sallyport.data.platform.Doorbell;
import dev.sallyport.data.platform.StatementRefused;
import dev.sallyport.data.platform.StoreFailure;
import dev.sallyport.model.News;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Empties the slot of remembered ids that is written next, and lets Kafka remove what is behind us.
 * Any number of workers may do so at once. Confined to one virtual thread.
 */
@Singleton
class QueueHousekeeping {
  private static final Duration EVERY = Duration.ofMinutes(1);
  private static final Logger LOG = Logger.getLogger(QueueHousekeeping.class);

  private final SeenSql seen;
  private final QueueTopic topics;
  private final Partitions partitions;
  private final Doorbell pause = new Doorbell();
  private final News news = new News(System::nanoTime);

  @Inject
  QueueHousekeeping(SeenSql seen, QueueTopic topics, Partitions partitions) {
    this.seen = seen;
    this.topics = topics;
    this.partitions = partitions;
  }

  /** Keeps house until it is interrupted. */
  void run() {
    try {
      while (true) {
        round();
        pause.await(EVERY);
      }
    } catch (InterruptedException stopped) {
      LOG.debug("keeps house no more");
    }
  }

  private void round() throws InterruptedException {
    try {
      seen.emptyNext();
      partitions.positions().forEach(topics::trim);
      news.over();
    } catch (StoreFailure | StatementRefused | BrokerFailure e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (news.is(String.valueOf(e.getMessage()))) {
        LOG.warnf("old messages are removed later: %s", e.getMessage());
      }
    }
  }
}
