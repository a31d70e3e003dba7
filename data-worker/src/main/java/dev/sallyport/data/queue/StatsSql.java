package dev.sallyport.data.queue;

import dev.sallyport.data.platform.Transactions;
import io.vertx.sqlclient.Row;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Counts the messages of queues. Each count reads an index alone and ends at {@link #COUNT_MAX}, so
 * that its cost has a bound however much waits.
 */
@Singleton
class StatsSql {
  /** Nothing is counted any further. */
  static final int COUNT_MAX = 1_000_000;

  /** The order keeps the planner on the index where most rows are of one state. */
  private static final String BY_STATE =
      """
      SELECT s.state,
        (SELECT count(*) FROM (SELECT FROM queue.message m
          WHERE m.queue = $1 AND m.state = s.state ORDER BY due_at, pk LIMIT $2::int) AS counted)
          AS messages,
        (SELECT due_at FROM queue.message m
          WHERE m.queue = $1 AND m.state = s.state ORDER BY due_at, pk LIMIT 1) AS first
      FROM unnest(ARRAY['ready', 'behind', 'leased', 'delayed', 'dead']) AS s (state)
      """;

  /** A message that waits for its next attempt is as old as its place, not as its next time. */
  private static final String REST =
      """
      SELECT q.paused_at IS NOT NULL AS paused, q.closed, coalesce(q.partitions, 0) AS partitions,
        now() AS now,
        (SELECT coalesce(sum(in_flight), 0) FROM queue.member m WHERE m.queue = $1) AS in_flight,
        (SELECT count(*) FROM (SELECT FROM queue.message m
          WHERE m.queue = $1 AND m.state = 'ready' AND m.due_at > now()
          LIMIT $2::int) AS counted) AS later,
        r.retried, r.pausing, r.first
      FROM queue.queue q, (
        SELECT count(*) AS retried, min(place) AS first,
          count(*) FILTER (WHERE due_at > now() AND state = 'ready') AS pausing
        FROM (SELECT place, due_at, state FROM queue.message m
          WHERE m.queue = $1 AND m.attempts > 0 AND m.state IN ('ready', 'behind', 'leased')
          LIMIT $2::int) AS attempted) AS r
      WHERE q.pk = $1
      """;

  /** How many offsets of each log are behind us. */
  private static final String DONE =
      """
      SELECT number,
        (SELECT coalesce(sum(upper(r) - lower(r)), 0)::bigint FROM unnest(done) AS r) AS done
      FROM queue.partition WHERE queue = $1
      """;

  private static final String PAUSED =
      """
      SELECT name, paused_at IS NOT NULL AS paused, closed, coalesce(partitions, 0) AS partitions
      FROM queue.queue WHERE pk = ANY ($1::int[]) ORDER BY name
      """;

  private static final String IN_FLIGHT =
      """
      UPDATE queue.member m SET in_flight = c.messages
      FROM unnest($2::int[], $3::int[]) AS c (queue, messages)
      WHERE m.incarnation = $1 AND m.queue = c.queue
      """;

  private static final String OUTBOX =
      """
      SELECT (SELECT count(*) FROM (SELECT FROM queue.outbox LIMIT $1::int) AS counted) AS messages,
        (SELECT (extract(epoch FROM now() - created_at) * 1000)::bigint
          FROM queue.outbox ORDER BY pk LIMIT 1) AS age_millis
      """;

  private final Transactions transactions;

  @Inject
  StatsSql(Transactions transactions) {
    this.transactions = transactions;
  }

  /**
   * The rows of a queue.
   *
   * @param waiting that were due and are not over: to be handled, to be tried again, or behind
   *     another one of their key
   * @param leased in the hands of pullers
   * @param inFlight in the hands of consumers
   * @param age of the oldest that was due; null when there is none
   */
  record Counts(
      boolean paused,
      boolean closed,
      int partitions,
      long waiting,
      long leased,
      long inFlight,
      long delayed,
      long retried,
      long dead,
      @Nullable Duration age) {}

  Counts count(int queue) {
    var messages = new HashMap<String, Long>();
    var first = new HashMap<String, OffsetDateTime>();
    for (var row : transactions.execute(BY_STATE, queue, COUNT_MAX)) {
      messages.put(row.getString("state"), row.getLong("messages"));
      first.put(row.getString("state"), row.getOffsetDateTime("first"));
    }
    var rest = transactions.execute(REST, queue, COUNT_MAX).iterator().next();
    // Without a key, what is delayed is ready from the beginning, but due later.
    long unkeyed = Math.max(0, rest.getLong("later") - rest.getLong("pausing"));
    return new Counts(
        rest.getBoolean("paused"),
        rest.getBoolean("closed"),
        rest.getInteger("partitions"),
        of(messages, "ready") - Math.min(unkeyed, of(messages, "ready")) + of(messages, "behind"),
        of(messages, "leased"),
        rest.getLong("in_flight"),
        of(messages, "delayed") + unkeyed,
        rest.getLong("retried"),
        of(messages, "dead"),
        age(rest, first.get("ready"), first.get("behind"), rest.getOffsetDateTime("first")));
  }

  private static long of(Map<String, Long> messages, String state) {
    return messages.getOrDefault(state, 0L);
  }

  private static @Nullable Duration age(Row rest, @Nullable OffsetDateTime... since) {
    var now = Objects.requireNonNull(rest.getOffsetDateTime("now"));
    Duration oldest = null;
    for (var moment : since) {
      if (moment != null && !moment.isAfter(now)) {
        var age = Duration.between(moment, now);
        oldest = oldest == null || age.compareTo(oldest) > 0 ? age : oldest;
      }
    }
    return oldest;
  }

  /** How many offsets of each partition's log are behind us, by its number. */
  Map<Integer, Long> done(int queue) {
    var done = new HashMap<Integer, Long>();
    for (var row : transactions.execute(DONE, queue)) {
      done.put(row.getInteger("number"), row.getLong("done"));
    }
    return done;
  }

  /** How a queue stands, by its name. */
  record Standing(boolean paused, boolean closed, int partitions) {}

  Map<String, Standing> standing(Integer... queues) {
    var standing = new HashMap<String, Standing>();
    for (var row : transactions.execute(PAUSED, (Object) queues)) {
      standing.put(
          row.getString("name"),
          new Standing(
              row.getBoolean("paused"), row.getBoolean("closed"), row.getInteger("partitions")));
    }
    return standing;
  }

  /** Tells the others how many messages this worker's consumers have in hand, by queue. */
  void tellInFlight(long incarnation, Map<Integer, Integer> messages) {
    var queues = messages.keySet().toArray(Integer[]::new);
    var counts = new Integer[queues.length];
    for (int i = 0; i < queues.length; i++) {
      counts[i] = messages.getOrDefault(queues[i], 0);
    }
    transactions.execute(IN_FLIGHT, incarnation, queues, counts);
  }

  /** What waits for the relay, and for how long its oldest has. */
  record Outbox(long messages, Duration age) {}

  Outbox outbox() {
    var row = transactions.execute(OUTBOX, COUNT_MAX).iterator().next();
    var millis = row.getLong("age_millis");
    return new Outbox(
        row.getLong("messages"), Duration.ofMillis(millis == null ? 0 : Math.max(0, millis)));
  }
}
