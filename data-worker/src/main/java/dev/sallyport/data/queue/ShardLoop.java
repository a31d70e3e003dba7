package dev.sallyport.data.queue;

import dev.sallyport.data.platform.Doorbell;
import dev.sallyport.data.platform.StoreFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Feeds a shard: takes in what arrives, and loads rows whose time comes. One thread does both, so
 * that no row of a key is loaded while earlier messages of that key are still on their way to
 * Postgres. Each shard has one, on a virtual thread, until it is dropped.
 */
final class ShardLoop implements Runnable {
  private static final Logger LOG = Logger.getLogger(ShardLoop.class);

  /** How late a row may be noticed that another worker brought back, if its word was lost. */
  static final Duration LOOK_EVERY = Duration.ofSeconds(5);

  /** Arrivals that are looked up together. */
  private static final int INTAKE_MAX = 500;

  /** Rows that are in memory to be handled. */
  private static final int FLYING_MAX = 200;

  private final Shard shard;
  private final IntakeSql intakes;
  private final DueSql due;
  private final BooleanSupplier keepsAll;
  private final Consumer<ShardLoop> offer;
  private final Doorbell bell = new Doorbell();

  /**
   * @param keepsAll whether nobody here handles the queue's messages now
   * @param offer called when something may be handed out
   */
  ShardLoop(
      Shard shard,
      IntakeSql intakes,
      DueSql due,
      BooleanSupplier keepsAll,
      Consumer<ShardLoop> offer) {
    this.shard = shard;
    this.intakes = intakes;
    this.due = due;
    this.keepsAll = keepsAll;
    this.offer = offer;
  }

  /** Something arrived, was settled, or was brought back. */
  void ring() {
    bell.ring();
  }

  /** Rows may have been brought back by somebody else. */
  void lookForRows() {
    shard.hasRows(true);
    bell.ring();
  }

  /** Something will have to be handed out in this time. */
  void ringIn(Duration time) {
    bell.ringIn(time);
  }

  @Override
  public void run() {
    try {
      while (!shard.isDropped()) {
        if (keepsAll.getAsBoolean()) {
          shard.giveUp();
        }
        takeIn();
        load();
        offer.accept(this);
        bell.await(LOOK_EVERY);
      }
    } catch (InterruptedException stopped) {
      shard.drop();
    } catch (FencedException | StoreFailure e) {
      shard.lose(e);
    } catch (RuntimeException e) {
      LOG.errorf(e, "a partition of queue %s cannot be fed", shard.queue().name());
      shard.lose(e);
    }
  }

  private void takeIn() {
    while (true) {
      var intake = shard.intake(INTAKE_MAX);
      if (intake.isEmpty()) {
        return;
      }
      var settled = shard.sort(intake, known(intake));
      if (!settled.isEmpty() || !intake.gaps().isEmpty()) {
        shard.settle(settled, intake.gaps());
      }
      if (intake.arrived().size() < INTAKE_MAX) {
        return;
      }
      offer.accept(this);
    }
  }

  private Known known(ShardMemory.Intake intake) {
    boolean all = keepsAll.getAsBoolean();
    var ids = new ArrayList<UUID>();
    var names = new HashSet<String>();
    var keys = new HashSet<String>();
    for (var record : intake.arrived()) {
      var message = record.message();
      if (message != null) {
        ids.add(MessageKey.of(message).id());
        names.add(message.id());
        if (message.key() != null) {
          keys.add(message.key());
        }
      }
    }
    if (ids.isEmpty()) {
      return new Known(Map.of(), Set.of(), Set.of(), all);
    }
    int partition = shard.claim().partition();
    boolean rows = shard.hasRows();
    return new Known(
        intakes.seen(partition, ids),
        rows ? intakes.stored(partition, names) : Set.of(),
        rows && !keys.isEmpty() && !all ? intakes.heldUp(partition, keys) : Set.of(),
        all);
  }

  private void load() {
    if (!shard.hasRows() || !shard.hasCaughtUp()) {
      return;
    }
    var claim = shard.claim();
    var next = due.nextDue(claim.partition());
    while (next != null && next.isZero() && due.becomeDue(claim) > 0) {
      next = due.nextDue(claim.partition());
    }
    if (!keepsAll.getAsBoolean()) {
      var flying = shard.flying();
      if (flying.size() < FLYING_MAX) {
        shard.load(due.load(claim, flying, FLYING_MAX - flying.size()));
      }
    }
    if (next != null) {
      bell.ringIn(next);
    } else if (shard.flying().isEmpty()) {
      forgetRows(claim.partition());
    }
  }

  /** Unless one was made meanwhile. */
  private void forgetRows(int partition) {
    shard.hasRows(false);
    if (intakes.hasRows(partition)) {
      shard.hasRows(true);
    }
  }
}
