package dev.sallyport.data.service.audit;

import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.platform.Tx;
import dev.sallyport.model.AuditedCalls.Call;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** The rows of the trail. Thread-safe. */
@Singleton
class AuditSql {
  /** Once for each call, in whatever message it came. */
  private static final String APPEND =
      """
      INSERT INTO audit.call
        (id, at, user_id, key_id, binding, method, path, outcome, status, took_micros)
      SELECT id, to_timestamp(at / 1000.0), user_id, key_id, binding, method, path, outcome, status,
        took
      FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[],
          $7::text[], $8::text[], $9::int[], $10::bigint[])
        AS e (id, at, user_id, key_id, binding, method, path, outcome, status, took)
      ON CONFLICT (id) DO NOTHING
      """;

  /** What the table's trigger asks for; until the end of the transaction. */
  private static final String SAY_RETENTION = "SELECT set_config('audit.retention', 'on', true)";

  /**
   * The oldest, by their ids, which begin with the time; their own times have the last word. Rows
   * that another worker deletes just now are left to it.
   */
  private static final String DELETE_OLD =
      """
      DELETE FROM audit.call WHERE id IN (
        SELECT id FROM audit.call
        WHERE id < (lpad(to_hex((extract(epoch FROM now() - $1::double precision
            * interval '1 millisecond') * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
          AND at < now() - $1::double precision * interval '1 millisecond'
        ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)
      """;

  private final Transactions transactions;

  @Inject
  AuditSql(Transactions transactions) {
    this.transactions = transactions;
  }

  /** Appends those that are not there yet. */
  static void append(Tx tx, List<Call> calls) {
    tx.execute(
        APPEND,
        column(calls, UUID[]::new, call -> UUID.fromString(call.id())),
        column(calls, Long[]::new, Call::at),
        column(calls, String[]::new, Call::userId),
        column(calls, String[]::new, Call::keyId),
        column(calls, String[]::new, Call::binding),
        column(calls, String[]::new, Call::method),
        column(calls, String[]::new, Call::path),
        column(calls, String[]::new, Call::outcome),
        column(calls, Integer[]::new, Call::status),
        column(calls, Long[]::new, Call::tookMicros));
  }

  private static <T> Object column(
      List<Call> calls, IntFunction<T[]> array, Function<Call, @Nullable T> value) {
    return calls.stream().map(value).toArray(array);
  }

  /**
   * Deletes calls that ended so long ago.
   *
   * @param max of them
   * @return how many there were
   */
  int deleteOld(Duration keep, int max) {
    return transactions.call(tx -> {
      tx.execute(SAY_RETENTION);
      return tx.execute(DELETE_OLD, (double) keep.toMillis(), max).rowCount();
    });
  }
}
