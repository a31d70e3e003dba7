package dev.sallyport.data.actor;

import dev.sallyport.data.platform.GroupCommit;
import dev.sallyport.data.platform.Postgres;
import dev.sallyport.data.platform.StatementRefused;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.platform.Tx;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Calls that travel as rows of {@code actor.message}: how they get there. Thread-safe. */
@Singleton
class MessageSql {
  /** Rung with the incarnation that a row was left for. */
  static final String CHANNEL = "actor_message";

  /** Rung where no incarnation was picked. */
  static final String ANYBODY = "0";

  private static final int BATCH_MAX = 128;
  private static final int QUEUE_MAX = 10_000;

  /** Each is left for whoever has the actor, else for the one that was picked for it. */
  private static final String PUT =
      """
      WITH put AS (
        INSERT INTO actor.message (type, key, method, params, idempotency_key, caller, ticket,
            deadline_at, placed)
          SELECT type, key, method, params, idempotency_key, caller, ticket,
            clock_timestamp() + make_interval(secs => millis / 1000.0),
            coalesce((SELECT worker.incarnation FROM actor.actor AS there
                JOIN lease.worker ON worker.incarnation = there.owner
                WHERE there.type = p.type AND there.key = p.key
                  AND worker.ended_at IS NULL AND worker.expires_at > clock_timestamp()), pick)
          FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[],
              $7::bigint[], $8::bigint[], $9::bigint[]) WITH ORDINALITY
            AS p(type, key, method, params, idempotency_key, caller, ticket, millis, pick, place)
          ORDER BY place
          RETURNING coalesce(placed, 0) AS worker)
      SELECT pg_notify('actor_message', worker::text)
        FROM (SELECT DISTINCT worker FROM put) AS workers\
      """;

  /** Calls that nobody began in time; none that began earlier is still under way then. */
  private static final String FORGET_LATE =
      """
      DELETE FROM actor.message WHERE pk IN (
        SELECT pk FROM actor.message WHERE deadline_at <= clock_timestamp() - interval '2 minutes'
          ORDER BY deadline_at LIMIT 1000 FOR UPDATE SKIP LOCKED)\
      """;

  private static final String FORGET_DEAD =
      """
      DELETE FROM actor.message WHERE pk IN (
        SELECT pk FROM actor.message WHERE dead_at <= clock_timestamp() - interval '30 days'
          ORDER BY dead_at LIMIT 1000 FOR UPDATE SKIP LOCKED)\
      """;

  private static final String DEAD =
      "SELECT count(*) FROM (SELECT FROM actor.message WHERE dead_at IS NOT NULL LIMIT 10000) AS d";

  /**
   * A call that is to be left.
   *
   * @param params JSON
   * @param asked who waits for the answer; null where nobody does
   * @param pick the incarnation it is left for where nobody has the actor; null for whoever is
   *     found later
   */
  record Put(
      Address address,
      String method,
      String params,
      @Nullable String idempotencyKey,
      @Nullable Asked asked,
      @Nullable Long pick) {}

  /**
   * Somebody who waits for an answer.
   *
   * @param within how long, from when the row is written
   */
  record Asked(long caller, long ticket, Duration within) {}

  private final Transactions transactions;
  private final GroupCommit<Put, Boolean> puts;

  @Inject
  MessageSql(Vertx vertx, Postgres postgres, Transactions transactions, MeterRegistry metrics) {
    this.transactions = transactions;
    this.puts =
        new GroupCommit<>(
            GroupCommit.on(vertx),
            all ->
                postgres
                    .execute(PUT, values(all))
                    .map(done -> Collections.nCopies(all.size(), true)),
            failure -> failure instanceof StatementRefused,
            put -> put,
            DistributionSummary.builder("sallyport.actor.put.calls")
                .description("Calls for other workers that were left in one statement")
                .register(metrics),
            BATCH_MAX,
            QUEUE_MAX,
            put -> ActorError.overloaded());
  }

  /** Leaves one, if the transaction commits. */
  void put(Tx tx, Put put) {
    tx.execute(PUT, values(List.of(put)));
  }

  /** Leaves one; done once it is committed. Does not block. */
  CompletionStage<Boolean> put(Put put) {
    return puts.write(put);
  }

  private static Tuple values(List<Put> all) {
    var asked = all.stream().map(Put::asked).toList();
    return Tuple.from(
        Arrays.<Object>asList(
            all.stream().map(put -> put.address().type()).toArray(String[]::new),
            all.stream().map(put -> put.address().key()).toArray(String[]::new),
            all.stream().map(Put::method).toArray(String[]::new),
            all.stream().map(Put::params).toArray(String[]::new),
            all.stream().map(Put::idempotencyKey).toArray(String[]::new),
            asked.stream().map(one -> one == null ? null : one.caller()).toArray(Long[]::new),
            asked.stream().map(one -> one == null ? null : one.ticket()).toArray(Long[]::new),
            asked.stream()
                .map(one -> one == null ? null : one.within().toMillis())
                .toArray(Long[]::new),
            all.stream().map(Put::pick).toArray(Long[]::new)));
  }

  /** Removes calls that nobody waits for any more, and what was given up long ago. Blocks. */
  void forget() {
    transactions.execute(FORGET_LATE);
    transactions.execute(FORGET_DEAD);
  }

  /** How many were given up; at most 10,000 are counted. Blocks. */
  long dead() {
    return transactions.execute(DEAD).iterator().next().getLong(0);
  }
}
