package dev.sallyport.data.workflow;

import dev.sallyport.data.platform.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Optional;

/** Brings events to runs. Thread-safe, does not block. */
@Singleton
class EventSql {
  /** How many may wait to be consumed. */
  static final int WAITING_MAX = 1000;

  /**
   * Numbers an event under the run's lock and keeps it, if the run is not over and has not too many
   * already; one that waits becomes ready. Commits together.
   */
  private static final String SEND =
      """
      WITH receiver AS (
        UPDATE workflow.run SET
          arrived = arrived + 1,
          due_at = CASE WHEN status = 'waiting' THEN now() ELSE due_at END,
          waiting_for = CASE WHEN status = 'waiting' THEN NULL ELSE waiting_for END,
          seq = seq + CASE WHEN status = 'waiting' THEN 1 ELSE 0 END,
          status = CASE WHEN status = 'waiting' THEN 'queued' ELSE status END,
          updated_at = clock_timestamp()
        WHERE pk = $1 AND status IN ('queued', 'running', 'waiting', 'paused')
          AND (SELECT count(*) FROM (
            SELECT FROM workflow.arrival WHERE run = $1 LIMIT $4) AS waiting) < $4
        RETURNING pk, arrived, status
      ), kept AS (
        INSERT INTO workflow.arrival (run, number, name, payload)
        SELECT pk, arrived, $2, $3 FROM receiver
      ), told AS MATERIALIZED (
        SELECT pg_notify('workflow', CASE status WHEN 'queued' THEN 'ready' ELSE 'news ' || pk END)
        FROM receiver WHERE status IN ('queued', 'running')
      )
      SELECT status, (SELECT count(*) FROM told) FROM receiver\
      """;

  private final Postgres postgres;

  @Inject
  EventSql(Postgres postgres) {
    this.postgres = postgres;
  }

  /** What the run's status is then; empty when it did not take the event. */
  Future<Optional<RunStatus>> send(long pk, String event, String payload) {
    return postgres
        .execute(SEND, Tuple.of(pk, event, payload, (long) WAITING_MAX))
        .map(rows ->
            rows.size() == 0
                ? Optional.empty()
                : Optional.of(RunStatus.ofWire(rows.iterator().next().getString(0))));
  }
}
