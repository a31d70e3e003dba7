package dev.sallyport.data.queue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.data.lease.WorkerLease;
import dev.sallyport.data.platform.Ticker;
import dev.sallyport.data.platform.Transactions;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import org.jboss.logging.Logger;

/** The shards of this worker, and what feeds and empties them. Thread-safe; does not block. */
@Singleton
class Shards implements Shard.Listener {
  private static final Logger LOG = Logger.getLogger(Shards.class);

  private final WorkerLease lease;
  private final LogTopic log;
  private final SettleSql settle;
  private final IntakeSql intake;
  private final DueSql due;
  private final QueueDirectory directory;
  private final Transactions transactions;
  private final ObjectMapper bodies;
  private final Ticker ticker;
  private final QueueMeters meters;
  private final HeldBytes held = HeldBytes.ofThisHeap();
  private final List<Runnable> onLoss = new CopyOnWriteArrayList<>();

  /** By partition. */
  private final Map<Integer, Open> open = new ConcurrentHashMap<>();

  /** By queue. */
  private final Map<String, Desk> desks = new ConcurrentHashMap<>();

  private record Open(Shard shard, ShardLoop loop) {}

  @Inject
  Shards(
      WorkerLease lease,
      LogTopic log,
      SettleSql settle,
      IntakeSql intake,
      DueSql due,
      QueueDirectory directory,
      Transactions transactions,
      ObjectMapper mapper,
      Ticker ticker,
      QueueMeters meters) {
    this.lease = lease;
    this.log = log;
    this.settle = settle;
    this.intake = intake;
    this.due = due;
    this.directory = directory;
    this.transactions = transactions;
    // A sender may be of a later release, whose fields this one does not know.
    this.bodies = mapper.copy().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    this.ticker = ticker;
    this.meters = meters;
  }

  /** Adds what is run when a claim was lost. */
  void onLoss(Runnable listener) {
    onLoss.add(listener);
  }

  int count() {
    return open.size();
  }

  /** Messages of all partitions that came from the log and are not settled. */
  int held() {
    return open.values().stream().mapToInt(one -> one.shard().held()).sum();
  }

  Optional<Shard> find(int partition) {
    return Optional.ofNullable(open.get(partition)).map(Open::shard);
  }

  List<Shard> all() {
    return open.values().stream().map(Open::shard).toList();
  }

  /** Begins to consume a partition that was claimed. */
  void open(PartitionSql.Claimed claimed, Declared queue) {
    long owner = claimed.claim().owner();
    var shard = new Shard(claimed, queue, settle, () -> lease.isHeld(owner), held, this);
    var desk = queue.handler().map(handler -> desk(queue, handler));
    var loop =
        new ShardLoop(
            shard,
            intake,
            due,
            () -> queue.isPulled() || directory.isPaused(queue),
            feeder -> desk.ifPresent(one -> one.offer(new Desk.Turn(shard, feeder))));
    open.put(claimed.claim().partition(), new Open(shard, loop));
    Thread.ofVirtual().name("shard-" + queue.name() + "-" + claimed.claim().number()).start(loop);
    log.follow(shard);
  }

  private Desk desk(Declared queue, Declared.Handler handler) {
    return desks.computeIfAbsent(
        queue.name(),
        name ->
            new Desk(
                queue,
                handler,
                transactions,
                bodies,
                new Pauses(
                    queue.options().retry().first(),
                    queue.options().retry().longest(),
                    () -> ThreadLocalRandom.current().nextLong()),
                ticker,
                meters));
  }

  /** A partition is somebody else's from now on. */
  void remove(Shard shard) {
    shard.drop();
    log.leave(shard);
    var gone = open.get(shard.claim().partition());
    if (gone != null && gone.shard().equals(shard)) {
      open.remove(shard.claim().partition(), gone);
      gone.loop().ring(); // so that its thread ends
    }
  }

  void dropAll() {
    all().forEach(this::remove);
  }

  /** Queues were paused or resumed, or rows were brought back. */
  void lookForRows() {
    open.values().forEach(one -> one.loop().lookForRows());
  }

  @Override
  public void changed(Shard shard) {
    var one = open.get(shard.claim().partition());
    if (one != null) {
      one.loop().ring();
    }
  }

  @Override
  public void roomy(Shard shard) {
    log.look();
  }

  @Override
  public void lost(Shard shard, RuntimeException why) {
    if (why instanceof LogTopic.AnotherLogException) {
      directory.forgetLog(shard.claim());
    }
    LOG.infof(
        "partition %d of queue %s is claimed anew: %s",
        shard.claim().number(), shard.queue().name(), why.getMessage());
    remove(shard);
    onLoss.forEach(Runnable::run);
  }
}
