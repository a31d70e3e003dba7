package dev.sallyport.data.room;

import dev.sallyport.data.actor.Tenant.Claim;
import dev.sallyport.data.platform.GroupCommit;
import dev.sallyport.data.platform.Postgres;
import dev.sallyport.data.platform.StatementRefused;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.room.Standing.Access;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Rooms themselves: who may enter, and what their members share. Thread-safe. */
@Singleton
class RoomSql {
  private static final int BATCH_MAX = 256;
  private static final int QUEUE_MAX = 10_000;

  private static final String MAKE =
      "INSERT INTO room.room (pk) VALUES ($1) ON CONFLICT (pk) DO NOTHING";

  private static final String ROOM =
      "SELECT pk, epoch, head, owner, access, members FROM room.room WHERE pk = $1";

  /** Any worker may look, whoever has the room. */
  private static final String BY_NAME =
      """
      SELECT r.pk, r.epoch, r.head, r.owner, r.access, r.members
        FROM room.room AS r JOIN actor.actor AS a ON a.pk = r.pk
        WHERE a.type = $1 AND a.key = $2\
      """;

  private static final String STATE = "SELECT key, value, version FROM room.state WHERE room = $1";

  private static final String ADMIT =
      """
      WITH held AS (
        SELECT pk FROM actor.actor WHERE pk = $1 AND fence = $2 AND owner IS NOT NULL
          FOR NO KEY UPDATE)
      UPDATE room.room SET owner = $3, access = $4, members = $5
        WHERE pk IN (SELECT pk FROM held)\
      """;

  /** Of several for one key the last one counts. */
  private static final String SET =
      """
      WITH given AS (
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::bigint[])
          AS g (room, fence, key, value, version)),
      held AS (
        SELECT a.pk, a.fence FROM actor.actor AS a
          WHERE (a.pk, a.fence) IN (SELECT room, fence FROM given) AND a.owner IS NOT NULL
          ORDER BY a.pk FOR NO KEY UPDATE),
      written AS (
        INSERT INTO room.state (room, key, value, version)
          SELECT DISTINCT ON (g.room, g.key) g.room, g.key, g.value, g.version
            FROM given AS g JOIN held AS h ON h.pk = g.room AND h.fence = g.fence
            ORDER BY g.room, g.key, g.version DESC
          ON CONFLICT (room, key) DO UPDATE
            SET value = excluded.value, version = excluded.version)
      SELECT pk, fence FROM held\
      """;

  private final Postgres postgres;
  private final Transactions transactions;
  private final GroupCommit<Put, Boolean> puts;

  /** A room as it was read. */
  record Found(long pk, String epoch, long head, Standing standing) {}

  /** What is to be set, and its new version. */
  record Put(Claim claim, String key, String value, long version) {}

  @Inject
  RoomSql(Vertx vertx, Postgres postgres, Transactions transactions, MeterRegistry metrics) {
    this.postgres = postgres;
    this.transactions = transactions;
    this.puts =
        new GroupCommit<>(
            GroupCommit.on(vertx),
            this::putAll,
            failure -> failure instanceof StatementRefused,
            put -> put.claim().pk(),
            DistributionSummary.builder("sallyport.room.flush.values")
                .description("Values of shared state that were written in one statement")
                .register(metrics),
            BATCH_MAX,
            QUEUE_MAX,
            put -> RoomError.overloaded());
  }

  /** The room of this claim, new or not. Blocks. */
  Found open(Claim claim) {
    transactions.execute(MAKE, claim.pk());
    return found(transactions.execute(ROOM, claim.pk()).iterator().next());
  }

  /** A room, whoever has it; empty for one that never was. Blocks. */
  Optional<Found> find(String name) {
    for (var row : transactions.execute(BY_NAME, Room.TYPE, name)) {
      return Optional.of(found(row));
    }
    return Optional.empty();
  }

  private static Found found(Row row) {
    return new Found(
        row.getLong("pk"),
        row.getString("epoch"),
        row.getLong("head"),
        new Standing(
            row.getString("owner"),
            access(row.getString("access")),
            Set.of(row.getArrayOfStrings("members"))));
  }

  private static @Nullable Access access(@Nullable String name) {
    return name == null ? null : Access.valueOf(name.toUpperCase(Locale.ROOT));
  }

  /** What its members share. Blocks. */
  Map<String, Shared.Value> state(long room) {
    var state = new HashMap<String, Shared.Value>();
    for (var row : transactions.execute(STATE, room)) {
      state.put(row.getString(0), new Shared.Value(row.getString(1), row.getLong(2)));
    }
    return state;
  }

  /** Keeps who may enter; false where the fence was lost. Does not block. */
  CompletionStage<Boolean> admit(Claim claim, Standing standing) {
    var access = standing.access();
    return postgres
        .execute(
            ADMIT,
            Tuple.of(
                claim.pk(),
                claim.fence(),
                standing.owner(),
                access == null ? null : access.name().toLowerCase(Locale.ROOT),
                standing.members().toArray(String[]::new)))
        .map(rows -> rows.rowCount() == 1)
        .toCompletionStage();
  }

  /** Keeps a value; false where the fence was lost. Does not block. */
  CompletionStage<Boolean> put(Put put) {
    return puts.write(put);
  }

  private Future<List<Boolean>> putAll(List<Put> all) {
    return postgres
        .execute(
            SET,
            Tuple.from(
                Arrays.<Object>asList(
                    all.stream().map(one -> one.claim().pk()).toArray(Long[]::new),
                    all.stream().map(one -> one.claim().fence()).toArray(Long[]::new),
                    all.stream().map(Put::key).toArray(String[]::new),
                    all.stream().map(Put::value).toArray(String[]::new),
                    all.stream().map(Put::version).toArray(Long[]::new))))
        .map(rows -> {
          var held = new HashSet<Claim>();
          for (var row : rows) {
            held.add(new Claim(row.getLong(0), row.getLong(1)));
          }
          return all.stream().map(one -> held.contains(one.claim())).toList();
        });
  }
}
