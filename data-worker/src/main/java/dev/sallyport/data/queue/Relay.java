package dev.sallyport.data.queue;

import dev.sallyport.data.lease.WorkerLease;
import dev.sallyport.data.platform.BrokerFailure;
import dev.sallyport.data.platform.Doorbell;
import dev.sallyport.data.platform.StatementRefused;
import dev.sallyport.data.platform.StoreFailure;
import dev.sallyport.model.News;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Sends what transactions have left in the outbox. One worker does so at a time; another one goes
 * on when it dies. What it cannot know to be sent it sends again, under the same id. Confined to
 * one virtual thread but for {@link #look} and {@link #close}.
 */
@Singleton
class Relay {
  /** How late a message may be noticed whose notification was lost. */
  private static final Duration POLL = Duration.ofSeconds(1);

  private static final int BATCH_MAX = 500;

  private static final Logger LOG = Logger.getLogger(Relay.class);

  private final WorkerLease lease;
  private final OutboxSql outbox;
  private final OutboxTopic topic;
  private final Doorbell bell = new Doorbell();
  private final News news = new News(System::nanoTime);
  private volatile @Nullable Claim claim;

  /** The right to be the relay. */
  private record Claim(long owner, long fence) {}

  @Inject
  Relay(WorkerLease lease, OutboxSql outbox, OutboxTopic topic) {
    this.lease = lease;
    this.outbox = outbox;
    this.topic = topic;
  }

  /** There may be something to send. */
  void look() {
    bell.ring();
  }

  /** Sends until it is interrupted. */
  void run() {
    try {
      while (true) {
        bell.await(POLL);
        round();
      }
    } catch (InterruptedException stopped) {
      LOG.debug("relays nothing any more");
    } finally {
      topic.close();
    }
  }

  private void round() throws InterruptedException {
    try {
      var mine = claim();
      while (mine != null && lease.isHeld(mine.owner()) && relay(mine)) {
        LOG.trace("there may be more");
      }
      news.over();
    } catch (StoreFailure | StatementRefused | BrokerFailure e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (news.is(String.valueOf(e.getMessage()))) {
        LOG.warnf("messages of transactions cannot be sent now: %s", e.getMessage());
      }
    } catch (RuntimeException e) {
      LOG.error("messages of transactions cannot be sent now: a defect", e);
    }
  }

  private @Nullable Claim claim() {
    var owner = lease.incarnation();
    var mine = claim;
    if (owner.isEmpty()) {
      claim = null;
      return null;
    }
    if (mine != null && mine.owner() == owner.getAsLong()) {
      return mine;
    }
    var before = outbox.owner();
    if (before != null && before != owner.getAsLong() && lease.dead(Set.of(before)).isEmpty()) {
      return null;
    }
    var fence = outbox.claim(owner.getAsLong(), before);
    claim = fence.isPresent() ? new Claim(owner.getAsLong(), fence.getAsLong()) : null;
    return claim;
  }

  /** Sends some; gives whether there may be more. */
  private boolean relay(Claim mine) {
    var waiting = outbox.oldest(BATCH_MAX);
    if (waiting.isEmpty()) {
      return false;
    }
    topic.send(waiting);
    List<Long> pks = waiting.stream().map(OutboxSql.Waiting::pk).toList();
    if (outbox.sent(mine.owner(), mine.fence(), pks) == 0) {
      claim = null; // another worker is the relay by now
      return false;
    }
    return waiting.size() == BATCH_MAX;
  }

  /** Lets another worker go on at once. */
  void close() {
    var mine = claim;
    claim = null;
    if (mine != null) {
      try {
        outbox.release(mine.owner(), mine.fence());
      } catch (StoreFailure | StatementRefused e) {
        LOG.debugf("the relay's claim is left to the lease: %s", e.getMessage());
      }
    }
  }
}
