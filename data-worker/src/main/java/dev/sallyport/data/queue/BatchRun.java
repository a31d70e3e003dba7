package dev.sallyport.data.queue;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.data.platform.StoreFailure;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.model.QueuedMessage;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One batch in a consumer's hands. What the consumer records with an effect is committed at once;
 * the rest when it returns. Guarded by its monitor, since a consumer that took too long is left
 * behind and may still call.
 */
final class BatchRun implements Batch<Object> {
  /** How far a message is. */
  private enum Standing {
    OPEN,
    /** It has a verdict, to be settled at the end. */
    DECIDED,
    COMMITTING,
    COMMITTED
  }

  private final Shard shard;
  private final Transactions transactions;
  private final List<Item> items = new ArrayList<>();
  private final List<Settled> misfits = new ArrayList<>();

  /** Whether verdicts come too late. */
  private boolean over;

  BatchRun(Shard shard, Transactions transactions) {
    this.shard = shard;
    this.transactions = transactions;
  }

  /** Reads a body; one that does not fit becomes a dead letter without being shown. */
  void add(Delivery delivery, ObjectMapper mapper, JavaType type) {
    try {
      items.add(new Item(delivery, mapper.readValue(delivery.message().body(), type)));
    } catch (IOException e) {
      misfits.add(
          new Settled(
              delivery,
              new Outcome.Dead("its body does not fit: " + Reasons.of(e), delivery.attempt())));
    }
  }

  boolean isEmpty() {
    return items.isEmpty();
  }

  @Override
  public List<Message<Object>> messages() {
    return List.copyOf(items);
  }

  @Override
  public void done(Effect effect) throws Exception {
    List<Item> rest;
    synchronized (this) {
      rest = items.stream().filter(Item::isOpen).toList();
    }
    commit(rest, effect);
  }

  @Override
  public void done(Collection<Message<Object>> those, Effect effect) throws Exception {
    var mine = new ArrayList<Item>();
    for (var message : those) {
      if (!(message instanceof Item item) || !items.contains(item)) {
        throw new IllegalArgumentException("not of this batch: " + message.id());
      }
      mine.add(item);
    }
    commit(mine, effect);
  }

  private void commit(List<Item> those, Effect effect) throws Exception {
    synchronized (this) {
      refuseWhenOver();
      those.forEach(Item::refuseSecond);
      those.forEach(item -> item.standing = Standing.COMMITTING);
    }
    var settled = those.stream().map(item -> new Settled(item.delivery, Outcome.DONE)).toList();
    try {
      transactions.<@Nullable Void, Exception>call(tx -> {
        effect.in(tx);
        shard.commit(tx, settled);
        return null;
      });
    } catch (FencedException | StoreFailure e) {
      shard.lose(e);
      throw e;
    } catch (Throwable e) {
      undecided(those);
      throw e;
    }
    synchronized (this) {
      those.forEach(item -> item.standing = Standing.COMMITTED);
    }
    shard.settled(settled, new Offsets());
  }

  private void undecided(List<Item> those) {
    synchronized (this) {
      those.forEach(item -> item.standing = Standing.OPEN);
      if (!over) {
        return;
      }
    }
    // They were left out when the others were settled.
    shard.lose(new IllegalStateException("a consumer failed after it was given up"));
  }

  private void refuseWhenOver() {
    if (over) {
      throw new IllegalStateException("too late: this batch was taken from its consumer");
    }
  }

  /**
   * Ends it: what has no verdict is done, or tried again where the consumer failed. What is being
   * committed at this moment is left to that.
   *
   * @return what is to be settled
   */
  synchronized List<Settled> end(@Nullable Throwable failure, QueueOptions options, Pauses pauses) {
    over = true;
    var rest = new ArrayList<>(misfits);
    for (var item : items) {
      switch (item.standing) {
        case OPEN -> rest.add(new Settled(item.delivery, verdict(item, failure, options, pauses)));
        case DECIDED -> rest.add(new Settled(item.delivery, within(options, item)));
        case COMMITTING, COMMITTED -> {}
      }
    }
    return rest;
  }

  private static Outcome verdict(
      Item item, @Nullable Throwable failure, QueueOptions options, Pauses pauses) {
    return failure == null
        ? Outcome.DONE
        : again(item, pauses.after(item.delivery.attempt()), Reasons.of(failure), options);
  }

  private static Outcome within(QueueOptions options, Item item) {
    return item.outcome instanceof Outcome.Again(var after, var reason)
        ? again(item, after, reason, options)
        : item.outcome;
  }

  private static Outcome again(Item item, Duration after, String reason, QueueOptions options) {
    int attempt = item.delivery.attempt();
    return attempt >= options.retry().max()
        ? new Outcome.Dead(reason, attempt)
        : new Outcome.Again(after, reason);
  }

  /** One message, as its consumer sees it. */
  private final class Item implements Message<Object> {
    private final Delivery delivery;
    private final Object body;
    private Standing standing = Standing.OPEN;
    private Outcome outcome = Outcome.DONE;

    Item(Delivery delivery, Object body) {
      this.delivery = delivery;
      this.body = body;
    }

    @Override
    public String id() {
      return delivery.message().id();
    }

    @Override
    public Object body() {
      return body;
    }

    @Override
    public Optional<String> key() {
      return Optional.ofNullable(delivery.key());
    }

    @Override
    public String sender() {
      return delivery.message().sender();
    }

    @Override
    public Instant sentAt() {
      return delivery.sentAt();
    }

    @Override
    public int attempt() {
      return delivery.attempt();
    }

    @Override
    public void done() {
      decide(Outcome.DONE);
    }

    @Override
    public void done(Effect effect) throws Exception {
      commit(List.of(this), effect);
    }

    @Override
    public void again(Duration after) {
      if (after.isNegative() || after.compareTo(QueuedMessage.DELAY_MAX) > 0) {
        throw new IllegalArgumentException("between now and a year from now, not " + after);
      }
      decide(new Outcome.Again(after, "its consumer asked for it"));
    }

    @Override
    public void park(String reason) {
      decide(new Outcome.Dead(Reasons.shortened(reason), delivery.attempt()));
    }

    private void decide(Outcome verdict) {
      synchronized (BatchRun.this) {
        refuseWhenOver();
        refuseSecond();
        outcome = verdict;
        standing = Standing.DECIDED;
      }
    }

    private boolean isOpen() {
      return standing == Standing.OPEN;
    }

    private void refuseSecond() {
      if (!isOpen()) {
        throw new IllegalStateException("message " + id() + " has its verdict already");
      }
    }
  }
}
