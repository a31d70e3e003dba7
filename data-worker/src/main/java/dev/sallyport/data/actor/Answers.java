package dev.sallyport.data.actor;

import dev.sallyport.data.actor.AnswerSql.Answer;
import dev.sallyport.data.actor.MessageSql.Asked;
import dev.sallyport.data.actor.MessageSql.Put;
import dev.sallyport.data.platform.Doorbell;
import dev.sallyport.data.platform.StatementRefused;
import dev.sallyport.data.platform.StoreFailure;
import dev.sallyport.data.platform.Ticker;
import dev.sallyport.model.News;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the answers of calls that travel as rows. One virtual thread fetches them when it is
 * rung, and looks for itself every half second while anybody waits. Thread-safe.
 */
@Singleton
class Answers {
  /** Calls that may wait at once; more are refused. */
  static final int CALLS_MAX = 10_000;

  private static final Logger LOG = Logger.getLogger(Answers.class);
  private static final Duration LOOK_EVERY = Duration.ofMillis(500);
  private static final Duration IDLE = Duration.ofMinutes(1);

  /** Longer than the row's time: so somebody may say that it was too late. */
  private static final Duration GRACE = Duration.ofMillis(500);

  /** As they may be of a MiB each. */
  private static final int FETCH_MAX = 64;

  private final MessageSql messages;
  private final AnswerSql sql;
  private final Ticker ticker;
  private final News news;
  private final Doorbell bell = new Doorbell();
  private final ConcurrentHashMap<Long, CompletableFuture<Answer>> waiting =
      new ConcurrentHashMap<>();
  private final AtomicLong tickets = new AtomicLong();

  /** This process, among all that ever were. */
  private final long caller = new SecureRandom().nextLong();

  @Inject
  Answers(MessageSql messages, AnswerSql sql, Ticker ticker) {
    this.messages = messages;
    this.sql = sql;
    this.ticker = ticker;
    this.news = new News(ticker::nanos);
  }

  /**
   * Leaves a call as a row, and waits for its answer. Blocks.
   *
   * @param until when nobody waits any more, by the ticker
   * @throws ActorCallFailure where none came
   */
  Answer call(
      Address address,
      String method,
      String params,
      @Nullable String idempotencyKey,
      @Nullable Long pick,
      long until) {
    if (waiting.size() >= CALLS_MAX) {
      throw ActorCallFailure.notServed(ActorError.overloaded(), false);
    }
    long ticket = tickets.incrementAndGet();
    var answer = new CompletableFuture<Answer>();
    waiting.put(ticket, answer);
    var within = Duration.ofNanos(Math.max(1, until - ticker.nanos()));
    try {
      put(
          new Put(address, method, params, idempotencyKey, new Asked(caller, ticket, within), pick),
          until);
      bell.ringIn(LOOK_EVERY);
      return answer.get(left(until) + GRACE.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw ActorCallFailure.unknown(null);
    } catch (ExecutionException e) {
      throw new IllegalStateException("an answer never fails", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ActorCallFailure.unknown(e);
    } finally {
      waiting.remove(ticket);
    }
  }

  private void put(Put row, long until) throws InterruptedException, TimeoutException {
    try {
      messages.put(row).toCompletableFuture().get(left(until), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof StoreFailure away && away.mayHaveCommitted()
          ? ActorCallFailure.unknown(away)
          : ActorCallFailure.notPut(e.getCause());
    }
  }

  private long left(long until) {
    return Math.max(0, until - ticker.nanos());
  }

  /** On an event loop: an answer is there for somebody. */
  void heard(String whom) {
    if (whom.isEmpty() || whom.equals(Long.toString(caller))) {
      bell.ring();
    }
  }

  /** The thread: until it is interrupted. */
  void run() {
    try {
      while (true) {
        bell.await(waiting.isEmpty() ? IDLE : LOOK_EVERY);
        fetch();
      }
    } catch (InterruptedException stopped) {
      LOG.debug("waits for no answers any more");
    }
  }

  private void fetch() throws InterruptedException {
    try {
      List<Answer> some;
      do {
        some = waiting.isEmpty() ? List.of() : sql.answers(caller, FETCH_MAX);
        for (var one : some) {
          var asked = waiting.get(one.ticket());
          if (asked != null) {
            asked.complete(one);
          }
        }
        if (!some.isEmpty()) {
          sql.fetched(caller, some);
        }
      } while (some.size() == FETCH_MAX);
      news.over();
    } catch (StoreFailure | StatementRefused e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (news.is("away")) {
        LOG.warnf("answers of other workers cannot be fetched: %s", e.getMessage());
      }
    } catch (RuntimeException e) {
      // Nobody expected it: the next look may do better, and none at all is worse.
      LOG.error("answers of other workers cannot be fetched", e);
    }
  }
}
