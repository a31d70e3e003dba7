package dev.sallyport.data.actor;

import dev.sallyport.data.platform.Transactions;
import io.vertx.sqlclient.Row;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Alarms in {@code actor.alarm}, by the clock of Postgres. Blocks; thread-safe. */
@Singleton
class AlarmSql {
  /** Those of this worker's actors, of nobody's, and of workers that are no more. */
  private static final String DUE =
      """
      SELECT mine.type, mine.key, alarm.name
        FROM actor.alarm JOIN actor.actor AS mine ON mine.pk = alarm.actor
        LEFT JOIN lease.worker ON worker.incarnation = mine.owner
        WHERE alarm.due_at <= clock_timestamp() AND mine.type = ANY($1)
          AND (mine.owner = $2 OR worker.incarnation IS NULL OR worker.ended_at IS NOT NULL
            OR worker.expires_at <= clock_timestamp())
        ORDER BY alarm.due_at LIMIT 500\
      """;

  private static final String NEXT =
      """
      SELECT extract(epoch FROM min(due_at) - clock_timestamp())::float8 FROM actor.alarm
        WHERE due_at > clock_timestamp()\
      """;

  private static final String ATTEMPT =
      """
      SELECT attempt FROM actor.alarm
        WHERE actor = $1 AND name = $2 AND due_at <= clock_timestamp()\
      """;

  private static final String LATER =
      """
      WITH held AS (
        SELECT pk FROM actor.actor WHERE pk = $1 AND fence = $2 AND owner IS NOT NULL FOR UPDATE)
      UPDATE actor.alarm
        SET attempt = attempt + 1, due_at = clock_timestamp() + make_interval(secs => $4)
        WHERE actor = (SELECT pk FROM held) AND name = $3\
      """;

  /** One that should ring. */
  record Due(Address address, String name) {}

  private final Transactions transactions;

  @Inject
  AlarmSql(Transactions transactions) {
    this.transactions = transactions;
  }

  /** The oldest that are due for actors of these types which this incarnation has or may take. */
  List<Due> due(Collection<String> types, long owner) {
    var due = new ArrayList<Due>();
    for (Row row : transactions.execute(DUE, types.toArray(String[]::new), owner)) {
      due.add(new Due(new Address(row.getString(0), row.getString(1)), row.getString(2)));
    }
    return due;
  }

  /** In which time the next one is due, whoever's it is. */
  Optional<Duration> next() {
    var seconds = transactions.execute(NEXT).iterator().next().getDouble(0);
    return Optional.ofNullable(seconds).map(some -> Duration.ofNanos((long) (some * 1e9)));
  }

  /** How often one that is due was tried in vain; empty where it is not due any more. */
  OptionalInt attempt(long pk, String name) {
    for (var row : transactions.execute(ATTEMPT, pk, name)) {
      return OptionalInt.of(row.getInteger(0));
    }
    return OptionalInt.empty();
  }

  /** Has it ring again later, if the fence still holds. */
  void later(long pk, long fence, String name, Duration pause) {
    transactions.execute(LATER, pk, fence, name, pause.toNanos() / 1e9);
  }
}
