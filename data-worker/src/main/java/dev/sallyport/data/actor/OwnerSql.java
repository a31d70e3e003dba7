package dev.sallyport.data.actor;

import dev.sallyport.data.actor.Tenant.Claim;
import dev.sallyport.data.platform.GroupCommit;
import dev.sallyport.data.platform.Postgres;
import dev.sallyport.data.platform.StatementRefused;
import dev.sallyport.data.platform.Transactions;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Who owns which actor, in {@code actor.actor}. An owner is replaced where there is none, or where
 * its incarnation is known to be dead; each time the fence rises. Thread-safe.
 */
@Singleton
class OwnerSql {
  private static final int BATCH_MAX = 256;
  private static final int QUEUE_MAX = 10_000;

  /**
   * Takes those that are wanted and free, then says how all stand. Of one that came to be in this
   * very moment it says nothing. Rows are locked in one order.
   */
  private static final String CLAIM =
      """
      WITH asked AS (
        SELECT type, key, bool_or(wanted) AS wanted
        FROM unnest($1::text[], $2::text[], $3::boolean[]) AS a(type, key, wanted)
        GROUP BY type, key),
      claimed AS (
        INSERT INTO actor.actor AS mine (type, key, owner)
          SELECT type, key, $4 FROM asked WHERE wanted ORDER BY type, key
          ON CONFLICT (type, key) DO UPDATE SET owner = excluded.owner, fence = mine.fence + 1
            WHERE mine.owner IS NULL OR mine.owner = excluded.owner OR mine.owner = ANY($5)
          RETURNING type, key, pk, fence, state)
      SELECT type, key, asked.wanted, claimed.pk, claimed.fence, claimed.state, there.owner,
          worker.address, worker.incarnation IS NOT NULL AND worker.ended_at IS NULL
            AND worker.expires_at > clock_timestamp() AS alive
        FROM asked
        LEFT JOIN claimed USING (type, key)
        LEFT JOIN actor.actor AS there USING (type, key)
        LEFT JOIN lease.worker ON worker.incarnation = there.owner\
      """;

  private static final String RELEASE =
      """
      UPDATE actor.actor AS mine SET owner = NULL
        FROM unnest($1::bigint[], $2::bigint[]) AS a(pk, fence)
        WHERE mine.pk = a.pk AND mine.fence = a.fence AND mine.owner = $3\
      """;

  private static final String RELEASE_ALL = "UPDATE actor.actor SET owner = NULL WHERE owner = $1";

  /** A row without a worker says what time it is where there is none. */
  private static final String LOOK_AROUND =
      """
      SELECT clock_timestamp(), incarnation, address
        FROM (VALUES (1)) AS once LEFT JOIN lease.worker
          ON ended_at IS NULL AND expires_at > clock_timestamp() AND address IS NOT NULL
        ORDER BY incarnation LIMIT 1000\
      """;

  /**
   * An actor that somebody asks for.
   *
   * @param wanted whether it is to be taken if it is free
   * @param owner this worker's incarnation
   * @param dead an owner that is no more
   */
  record Asked(Address address, boolean wanted, long owner, @Nullable Long dead) {}

  /** How one stands. */
  sealed interface Standing {
    /** Ours, with what it keeps. */
    record Ours(long pk, long fence, @Nullable String state) implements Standing {}

    /**
     * Another's, or this worker's own where it was not wanted.
     *
     * @param alive as far as its lease says
     */
    record Theirs(long incarnation, @Nullable String address, boolean alive) implements Standing {}

    /** Nobody's. */
    record Free() implements Standing {}

    /** It is changing hands: ask again. */
    record Unclear() implements Standing {}
  }

  /** A worker that can own actors. */
  record Worker(long incarnation, String address) {}

  /** The time there, and the workers that can own actors then. */
  record Around(Instant now, List<Worker> workers) {}

  private final Postgres postgres;
  private final Transactions transactions;
  private final GroupCommit<Asked, Standing> claims;

  @Inject
  OwnerSql(Vertx vertx, Postgres postgres, Transactions transactions, MeterRegistry metrics) {
    this.postgres = postgres;
    this.transactions = transactions;
    this.claims =
        new GroupCommit<>(
            GroupCommit.on(vertx),
            this::claimAll,
            failure -> failure instanceof StatementRefused,
            Asked::address,
            DistributionSummary.builder("sallyport.actor.claim.actors")
                .description("Actors that were asked for in one statement")
                .register(metrics),
            BATCH_MAX,
            QUEUE_MAX,
            asked -> ActorError.overloaded());
  }

  /** Takes it, if it is wanted and free; says how it stands. Does not block. */
  CompletionStage<Standing> claim(Asked asked) {
    return claims.write(asked);
  }

  private Future<List<Standing>> claimAll(List<Asked> all) {
    int count = all.size();
    var types = new String[count];
    var keys = new String[count];
    var wanted = new Boolean[count];
    var dead = new TreeSet<Long>();
    long owner = all.getFirst().owner();
    for (int i = 0; i < count; i++) {
      var one = all.get(i);
      types[i] = one.address().type();
      keys[i] = one.address().key();
      // Whoever asks under another incarnation gets nothing now, and asks again.
      wanted[i] = one.wanted() && one.owner() == owner;
      if (one.dead() != null) {
        dead.add(one.dead());
      }
    }
    return postgres
        .execute(CLAIM, Tuple.of(types, keys, wanted, owner, dead.toArray(Long[]::new)))
        .map(rows -> standings(all, rows, owner));
  }

  private static List<Standing> standings(List<Asked> all, RowSet<Row> rows, long owner) {
    var found = new HashMap<Address, Standing>();
    for (var row : rows) {
      found.put(new Address(row.getString(0), row.getString(1)), standing(row));
    }
    var standings = new ArrayList<Standing>(all.size());
    for (var one : all) {
      var standing = found.getOrDefault(one.address(), new Standing.Unclear());
      standings.add(
          standing instanceof Standing.Ours && !(one.wanted() && one.owner() == owner)
              ? new Standing.Unclear()
              : standing);
    }
    return standings;
  }

  private static Standing standing(Row row) {
    var pk = row.getLong("pk");
    if (pk != null) {
      return new Standing.Ours(pk, row.getLong("fence"), row.getString("state"));
    }
    var theirs = row.getLong("owner");
    if (theirs == null) {
      return row.getBoolean("wanted") ? new Standing.Unclear() : new Standing.Free();
    }
    return new Standing.Theirs(theirs, row.getString("address"), row.getBoolean("alive"));
  }

  /** Gives these back, as far as they are still this incarnation's under that fence. Blocks. */
  void release(long owner, Collection<Claim> held) {
    transactions.execute(
        RELEASE,
        held.stream().map(Claim::pk).toArray(Long[]::new),
        held.stream().map(Claim::fence).toArray(Long[]::new),
        owner);
  }

  /** Gives back all that an incarnation owns. Blocks. */
  int releaseAll(long owner) {
    return transactions.execute(RELEASE_ALL, owner).rowCount();
  }

  /** What time it is there, and who is. Blocks. */
  Around lookAround() {
    var rows = transactions.execute(LOOK_AROUND);
    var workers = new ArrayList<Worker>();
    for (var row : rows) {
      if (row.getLong(1) != null) {
        workers.add(new Worker(row.getLong(1), row.getString(2)));
      }
    }
    return new Around(rows.iterator().next().getOffsetDateTime(0).toInstant(), workers);
  }
}
