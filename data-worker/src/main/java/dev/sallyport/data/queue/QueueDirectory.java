package dev.sallyport.data.queue;

import dev.sallyport.data.platform.BrokerFailure;
import dev.sallyport.data.platform.StatementRefused;
import dev.sallyport.data.platform.StoreFailure;
import dev.sallyport.model.News;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * The rows of the queues that this worker declares: made once, with their topics, and looked at for
 * whether they are paused. {@link #refresh} and {@link #forgetLog} block; thread-safe.
 */
@Singleton
class QueueDirectory {
  private static final Logger LOG = Logger.getLogger(QueueDirectory.class);

  private final QueueRegistry registry;
  private final QueueSql sql;
  private final PartitionSql partitions;
  private final QueueTopic topics;
  private final News news = new News(System::nanoTime);

  /** Rows by name. */
  private final Map<String, Integer> declared = new ConcurrentHashMap<>();

  /** Those whose topic was found, by row. */
  private final Map<Integer, Declared> open = new ConcurrentHashMap<>();

  private volatile Map<Integer, Boolean> paused = Map.of();

  @Inject
  QueueDirectory(QueueRegistry registry, QueueSql sql, PartitionSql partitions, QueueTopic topics) {
    this.registry = registry;
    this.sql = sql;
    this.partitions = partitions;
    this.topics = topics;
  }

  /**
   * Makes what is missing, and looks what is paused. Kafka may be away: its topics come later then.
   *
   * @return whether a queue was paused or resumed since the last time
   * @throws StoreFailure where Postgres could not be used
   * @throws StatementRefused where it refused
   */
  boolean refresh() {
    for (var queue : registry.all()) {
      int row = declared.computeIfAbsent(queue.name(), name -> sql.declare(queue));
      if (!open.containsKey(row)) {
        open(queue, row);
      }
    }
    var now = sql.paused(declared.values());
    boolean changed = !now.equals(paused);
    paused = now;
    return changed;
  }

  private void open(Declared queue, int row) {
    try {
      int count = topics.ensure(queue);
      partitions.make(row, count);
      sql.hasPartitions(row, count);
      open.put(row, queue);
      news.over();
    } catch (BrokerFailure e) {
      if (news.is(String.valueOf(e.getMessage()))) {
        LOG.warnf("topics of queues cannot be made or checked: %s", e.getMessage());
      }
    }
  }

  /** Queues that can be consumed, by row. */
  Map<Integer, Declared> open() {
    return new HashMap<>(open);
  }

  /** The row of a queue; empty until it was made. */
  OptionalInt row(String name) {
    var row = declared.get(name);
    return row == null ? OptionalInt.empty() : OptionalInt.of(row);
  }

  boolean isPaused(Declared queue) {
    var row = declared.get(queue.name());
    return row != null && paused.getOrDefault(row, false);
  }

  /** The log of a partition was replaced by another: nothing of the old one counts. */
  void forgetLog(PartitionClaim claim) {
    partitions.forgetLog(claim);
  }
}
