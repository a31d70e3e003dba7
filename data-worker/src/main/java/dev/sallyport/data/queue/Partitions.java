package dev.sallyport.data.queue;

import dev.sallyport.data.lease.WorkerLease;
import dev.sallyport.data.platform.Doorbell;
import dev.sallyport.data.platform.StatementRefused;
import dev.sallyport.data.platform.StoreFailure;
import dev.sallyport.model.News;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * The partitions that this worker consumes. Looks every second, or when told, who should have which
 * one: takes those of its own that are free or belonged to the dead, and gives back those that
 * should be somebody else's by now.
 *
 * <p>{@link #run} is confined to one virtual thread; the rest is thread-safe.
 */
@Singleton
class Partitions {
  static final Duration EVERY = Duration.ofSeconds(1);

  /** Soon enough, and not in a circle where something fails each time. */
  private static final Duration AGAIN_AFTER = Duration.ofMillis(200);

  /** How long what is being handled may take when a partition is given back. */
  static final Duration STILL_WITHIN = Duration.ofSeconds(5);

  private static final Logger LOG = Logger.getLogger(Partitions.class);

  private final WorkerLease lease;
  private final QueueDirectory directory;
  private final PartitionSql sql;
  private final Shards shards;
  private final Doorbell bell = new Doorbell();
  private final News news = new News(System::nanoTime);

  /** Given back at this moment, by partition. */
  private final Set<Integer> leaving = ConcurrentHashMap.newKeySet();

  @Inject
  Partitions(
      WorkerLease lease,
      QueueDirectory directory,
      PartitionSql sql,
      Shards shards,
      MeterRegistry metrics) {
    this.lease = lease;
    this.directory = directory;
    this.sql = sql;
    this.shards = shards;
    shards.onLoss(() -> bell.ringIn(AGAIN_AFTER));
    Gauge.builder("sallyport_queue_owned_partitions", shards, Shards::count)
        .description("Partitions of queues that this worker consumes")
        .register(metrics);
  }

  /** Something about partitions or workers may have changed. */
  void look() {
    bell.ring();
  }

  /** Looks until it is interrupted. */
  void run() {
    try {
      while (true) {
        round();
        bell.await(EVERY);
      }
    } catch (InterruptedException stopped) {
      LOG.debug("takes no partitions any more");
    }
  }

  private void round() throws InterruptedException {
    var owner = lease.incarnation();
    if (owner.isEmpty()) {
      return;
    }
    try {
      if (directory.refresh()) {
        shards.lookForRows();
      }
      divide(owner.getAsLong());
      news.over();
    } catch (StoreFailure | StatementRefused e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (news.is(String.valueOf(e.getMessage()))) {
        LOG.warnf("partitions of queues cannot be looked at: %s", e.getMessage());
      }
    } catch (RuntimeException e) {
      LOG.error("partitions of queues cannot be looked at: a defect", e);
    }
  }

  private void divide(long me) {
    var queues = directory.open();
    if (queues.isEmpty()) {
      return;
    }
    sql.join(me, queues.keySet());
    var members = sql.members(queues.keySet());
    var partitions = sql.all(queues.keySet());
    var dead = dead(me, members, partitions);
    if (!dead.isEmpty()) {
      sql.leave(dead);
    }
    queues.forEach((pk, queue) -> {
      var workers =
          members.stream()
              .filter(member -> member.queue() == pk && !dead.contains(member.incarnation()))
              .map(PartitionSql.Member::incarnation)
              .toList();
      var of = partitions.stream().filter(one -> one.queue() == pk).toList();
      var assigned = Assignment.of(queue.name(), of.size(), workers);
      for (var partition : of) {
        boolean mine = Long.valueOf(me).equals(assigned.get(partition.number()));
        change(me, queue, partition, mine, dead);
      }
    });
  }

  private Set<Long> dead(
      long me, List<PartitionSql.Member> members, List<PartitionSql.Found> partitions) {
    var others = new HashSet<Long>();
    members.forEach(member -> others.add(member.incarnation()));
    for (var partition : partitions) {
      if (partition.owner() != null) {
        others.add(partition.owner());
      }
    }
    others.remove(me);
    return lease.dead(others);
  }

  private void change(
      long me, Declared queue, PartitionSql.Found partition, boolean mine, Set<Long> dead) {
    var held = shards.find(partition.pk());
    if (held.isPresent()) {
      if (!mine) {
        giveBack(held.get());
      }
      return;
    }
    var owner = partition.owner();
    if (mine && (owner == null || owner == me || dead.contains(owner))) {
      sql.claim(partition.pk(), me, dead).ifPresent(claimed -> shards.open(claimed, queue));
    }
  }

  /** Once what is being handled is settled; on a thread of its own, since that may take long. */
  private void giveBack(Shard shard) {
    if (leaving.add(shard.claim().partition())) {
      Thread.startVirtualThread(() -> {
        try {
          release(shard);
          sql.tell();
        } catch (StoreFailure | StatementRefused e) {
          LOG.debugf("a partition is given back later: %s", e.getMessage());
        } finally {
          leaving.remove(shard.claim().partition());
        }
      });
    }
  }

  private void release(Shard shard) {
    shard.close();
    try {
      if (!shard.awaitStillness(STILL_WITHIN.toNanos())) {
        LOG.infof(
            "partition %d of queue %s is given back while messages of it are handled",
            shard.claim().number(), shard.queue().name());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    shards.remove(shard);
    sql.release(shard.claim());
  }

  /** The lease has lapsed: nothing of it may be acted on. */
  void drop() {
    shards.dropAll();
  }

  /** Gives all back, at most {@link #STILL_WITHIN} after what is being handled. */
  void handOver(long me) {
    var threads = new ArrayList<Thread>();
    for (var shard : shards.all()) {
      threads.add(Thread.startVirtualThread(() -> quietly(() -> release(shard))));
    }
    for (var thread : threads) {
      try {
        var _ = thread.join(STILL_WITHIN.plusSeconds(2));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    quietly(() -> {
      sql.leave(List.of(me));
      sql.tell();
    });
  }

  private static void quietly(Runnable part) {
    try {
      part.run();
    } catch (StoreFailure | StatementRefused e) {
      LOG.warnf("queues could not be handed over, others take them later: %s", e.getMessage());
    }
  }

  /** How far the log of each partition that this worker has is behind us, by queue. */
  Map<String, Map<Integer, Long>> positions() {
    var positions = new HashMap<String, Map<Integer, Long>>();
    for (var shard : shards.all()) {
      positions
          .computeIfAbsent(shard.queue().name(), name -> new HashMap<>())
          .put(shard.claim().number(), shard.next());
    }
    return positions;
  }
}
