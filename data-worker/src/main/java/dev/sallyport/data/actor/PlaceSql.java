package dev.sallyport.data.actor;

import dev.sallyport.data.platform.Transactions;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which worker is to look at which row of {@code actor.message}. Only says who looks: whoever
 * serves a row commits that under the fence of its actor. Blocks; thread-safe.
 */
@Singleton
class PlaceSql {
  /** The oldest of each type, with whoever has their actors and is alive. */
  private static final String UNPLACED =
      """
      SELECT message.pk, kind.type, message.key, message.returned, worker.incarnation
        FROM unnest($1::text[]) AS kind(type)
        CROSS JOIN LATERAL (
          SELECT pk, key, returned FROM actor.message AS m
            WHERE m.type = kind.type AND placed IS NULL AND dead_at IS NULL
              AND due_at <= clock_timestamp()
            ORDER BY due_at, pk LIMIT $2) AS message
        LEFT JOIN actor.actor AS there ON there.type = kind.type AND there.key = message.key
        LEFT JOIN lease.worker ON worker.incarnation = there.owner
          AND worker.ended_at IS NULL AND worker.expires_at > clock_timestamp()\
      """;

  /** Only where nobody else did so meanwhile; in one order, and waiting for nobody. */
  private static final String PLACE =
      """
      WITH free AS (
        SELECT message.pk, p.worker FROM unnest($1::bigint[], $2::bigint[]) AS p(pk, worker)
          JOIN actor.message ON message.pk = p.pk
          WHERE placed IS NULL AND dead_at IS NULL
          ORDER BY message.pk FOR UPDATE OF message SKIP LOCKED),
      put AS (
        UPDATE actor.message SET placed = free.worker FROM free WHERE message.pk = free.pk
          RETURNING free.worker)
      SELECT pg_notify('actor_message', worker::text)
        FROM (SELECT DISTINCT worker FROM put) AS workers\
      """;

  /** Takes some back from workers that are no more: each of those is found by one step. */
  private static final String ORPHANS =
      """
      WITH RECURSIVE place AS (
        SELECT min(placed) AS worker FROM actor.message WHERE placed IS NOT NULL
        UNION ALL
        SELECT (SELECT min(placed) FROM actor.message WHERE placed > place.worker)
          FROM place WHERE place.worker IS NOT NULL),
      dead AS MATERIALIZED (
        SELECT place.worker FROM place LEFT JOIN lease.worker ON incarnation = place.worker
          WHERE place.worker IS NOT NULL AND (incarnation IS NULL OR ended_at IS NOT NULL
            OR expires_at <= clock_timestamp())),
      orphan AS (
        SELECT m.pk FROM dead CROSS JOIN LATERAL (
          SELECT pk FROM actor.message WHERE placed = dead.worker
            ORDER BY type, key, pk LIMIT $1 FOR UPDATE SKIP LOCKED) AS m)
      UPDATE actor.message SET placed = NULL
        FROM orphan WHERE message.pk = orphan.pk\
      """;

  /**
   * The first rows of some actors, one worker's: each actor after the other is found by one step,
   * so that one with a million rows costs no more than one with few.
   */
  private static final String PLACED =
      """
      WITH RECURSIVE here AS (
        (SELECT type, key, 1 AS place FROM actor.message
          WHERE placed = $1 AND (type, key) > ($2, $3) ORDER BY type, key LIMIT 1)
        UNION ALL
        SELECT further.type, further.key, place + 1 FROM here CROSS JOIN LATERAL (
          SELECT m.type, m.key FROM actor.message AS m
            WHERE m.placed = $1 AND (m.type, m.key) > (here.type, here.key)
            ORDER BY m.type, m.key LIMIT 1) AS further
          WHERE place < $4)
      SELECT here.type, here.key, few.pk, few.method, few.bytes
        FROM here LEFT JOIN LATERAL (
          SELECT m.pk, m.method, octet_length(m.params) AS bytes FROM actor.message AS m
            WHERE m.placed = $1 AND m.type = here.type AND m.key = here.key
              AND (here.type, here.key) NOT IN (SELECT * FROM unnest($5::text[], $6::text[]))
            ORDER BY m.pk LIMIT $7) AS few ON true
        ORDER BY here.place, few.pk LIMIT $8\
      """;

  private static final String GIVE_BACK =
      """
      WITH mine AS (
        SELECT message.pk, g.millis, g.returned
          FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::integer[])
            AS g(pk, worker, millis, returned)
          JOIN actor.message ON message.pk = g.pk AND message.placed = g.worker
          ORDER BY message.pk FOR UPDATE OF message SKIP LOCKED)
      UPDATE actor.message SET placed = NULL, returned = message.returned + mine.returned,
          due_at = clock_timestamp() + make_interval(secs => mine.millis / 1000.0
            * CASE WHEN mine.returned > 0 THEN 2 ^ least(message.returned, 6) ELSE 1 END)
        FROM mine WHERE message.pk = mine.pk\
      """;

  private static final String LEAVE =
      """
      WITH mine AS (
        SELECT pk FROM actor.message WHERE placed = $1
          ORDER BY type, key, pk LIMIT 1000 FOR UPDATE SKIP LOCKED),
      free AS (
        UPDATE actor.message SET placed = NULL FROM mine WHERE message.pk = mine.pk
          RETURNING message.pk)
      SELECT count(*), CASE WHEN count(*) > 0 THEN pg_notify('actor_message', '0') END FROM free\
      """;

  /**
   * One that has no place.
   *
   * @param returned how often a worker could not serve it
   * @param owner who has the actor and is alive; null for nobody
   */
  record Unplaced(long pk, Address address, int returned, @Nullable Long owner) {}

  /** One of a worker's. */
  record Placed(long pk, Address address, String method, long bytes) {}

  /**
   * Some of a worker's.
   *
   * @param last where to go on; null at the end
   */
  record Some(List<Placed> messages, @Nullable Address last) {}

  /**
   * One that a worker does not serve.
   *
   * @param worker who had it
   * @param unknown whether this release cannot serve it at all
   */
  record GivenBack(long pk, long worker, Duration pause, boolean unknown) {}

  private final Transactions transactions;

  @Inject
  PlaceSql(Transactions transactions) {
    this.transactions = transactions;
  }

  /** Those of these types that have no place and are due: of each, the oldest. */
  List<Unplaced> unplaced(Collection<String> types, int max) {
    var found = new ArrayList<Unplaced>();
    for (var row : transactions.execute(UNPLACED, types.toArray(String[]::new), max)) {
      found.add(
          new Unplaced(
              row.getLong(0),
              new Address(row.getString(1), row.getString(2)),
              row.getInteger(3),
              row.getLong(4)));
    }
    return found;
  }

  /** Gives them to these workers and tells them so. */
  void place(Map<Long, Long> workerOf) {
    transactions.execute(
        PLACE, workerOf.keySet().toArray(Long[]::new), workerOf.values().toArray(Long[]::new));
  }

  /** Takes back what was left for workers that are no more; gives how many. */
  int orphans(int max) {
    return transactions.execute(ORPHANS, max).rowCount();
  }

  /**
   * What was left for a worker, beginning after some actor.
   *
   * @param busy actors whose rows are not wanted now
   * @param actors at most so many
   * @param each rows of an actor at most
   * @param max rows at most, in all
   */
  Some placed(long worker, Address after, Collection<Address> busy, int actors, int each, int max) {
    var rows =
        transactions.execute(
            PLACED,
            worker,
            after.type(),
            after.key(),
            actors,
            busy.stream().map(Address::type).toArray(String[]::new),
            busy.stream().map(Address::key).toArray(String[]::new),
            each,
            max);
    var found = new ArrayList<Placed>(rows.size());
    int seen = 0;
    Address last = null;
    for (var row : rows) {
      var address = new Address(row.getString(0), row.getString(1));
      if (!address.equals(last)) {
        seen++;
        last = address;
      }
      if (row.getLong(2) != null) {
        found.add(new Placed(row.getLong(2), address, row.getString(3), row.getInteger(4)));
      }
    }
    return new Some(found, seen < actors && rows.size() < max ? null : last);
  }

  /** Has others look at these, some time later. */
  void giveBack(Collection<GivenBack> all) {
    transactions.execute(
        GIVE_BACK,
        all.stream().map(GivenBack::pk).toArray(Long[]::new),
        all.stream().map(GivenBack::worker).toArray(Long[]::new),
        all.stream().map(one -> one.pause().toMillis()).toArray(Long[]::new),
        all.stream().map(one -> one.unknown() ? 1 : 0).toArray(Integer[]::new));
  }

  /** Has others look at some of a worker's at once; gives how many. */
  long leave(long worker) {
    return transactions.execute(LEAVE, worker).iterator().next().getLong(0);
  }
}
