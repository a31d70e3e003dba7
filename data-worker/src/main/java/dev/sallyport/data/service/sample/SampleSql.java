package dev.sallyport.data.service.sample;

import dev.sallyport.data.platform.Postgres;
import dev.sallyport.data.platform.Tx;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** The counters. Thread-safe. */
@Singleton
class SampleSql {
  static final String KEY_FORM = "1 to 200 characters, none of them U+0000";

  private static final String ADD =
      """
      INSERT INTO sample.counter AS c (key, value) VALUES ($1, 1)
      ON CONFLICT (key) DO UPDATE SET value = c.value + 1 RETURNING value\
      """;

  /** In the order of their keys, so that two that add to the same ones do not meet crosswise. */
  private static final String ADD_ALL =
      """
      INSERT INTO sample.counter AS c (key, value)
      SELECT k, count(*) FROM unnest($1::text[]) AS k GROUP BY k ORDER BY k
      ON CONFLICT (key) DO UPDATE SET value = c.value + excluded.value
      """;

  private static final String VALUE =
      "SELECT coalesce((SELECT value FROM sample.counter WHERE key = $1), 0)";

  private final Postgres postgres;

  @Inject
  SampleSql(Postgres postgres) {
    this.postgres = postgres;
  }

  static boolean isKey(@Nullable String key) {
    return key != null && !key.isEmpty() && key.length() <= 200 && key.indexOf('\0') < 0;
  }

  /** Adds 1 and gives what it is then. */
  static long add(Tx tx, String key) {
    return tx.execute(ADD, key).iterator().next().getLong(0);
  }

  /** Adds 1 to each of these, and to one that is there twice, 2. */
  static void addAll(Tx tx, Collection<String> keys) {
    tx.execute(ADD_ALL, (Object) keys.toArray(String[]::new));
  }

  /** What it is; 0 if never counted. Does not block. */
  Future<Long> value(String key) {
    return postgres.execute(VALUE, Tuple.of(key)).map(rows -> rows.iterator().next().getLong(0));
  }
}
