package dev.sallyport.data.queue;

import dev.sallyport.data.platform.Tx;
import dev.sallyport.data.queue.Delivery.Origin.Logged;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Moves messages from the log into rows. */
@Singleton
class KeepSql {
  /** Those with a pause are due after it; the others when they were sent to be. */
  private static final String INSERT =
      """
      INSERT INTO queue.message
        (queue, partition, state, due_at, place, log_offset, id, sender, key, body, sent_at,
          attempts, reason)
      SELECT $1, $2, m.state,
        CASE WHEN m.pause IS NULL THEN m.place ELSE now() + m.pause * interval '1 millisecond' END,
        m.place, m.log_offset, m.id, m.sender, m.key, m.body, m.sent_at, m.attempts, m.reason
      FROM unnest($3::text[], $4::bigint[], $5::timestamptz[], $6::text[], $7::text[], $8::text[],
          $9::text[], $10::timestamptz[], $11::int[], $12::text[], $13::bigint[])
        AS m (state, pause, place, id, sender, key, body, sent_at, attempts, reason, log_offset)
      """;

  /** A row to be. */
  private record NewRow(
      Delivery of, String state, @Nullable Long pause, int attempts, @Nullable String reason) {
    Long offset() {
      return switch (of.origin()) {
        case Logged(var offset, var key) -> offset;
        case Delivery.Origin.Stored stored ->
            throw new IllegalArgumentException("has a row: " + stored);
      };
    }
  }

  /**
   * Makes the rows of those that leave the log but are not over. Rows of one key need to be put in
   * order afterwards.
   */
  void insert(Tx tx, PartitionClaim claim, List<Settled> settled) {
    var rows =
        settled.stream()
            .filter(one -> one.delivery().origin() instanceof Logged)
            .map(KeepSql::row)
            .filter(Objects::nonNull)
            .toList();
    if (rows.isEmpty()) {
      return;
    }
    tx.execute(
        INSERT,
        claim.queue(),
        claim.partition(),
        rows.stream().map(NewRow::state).toArray(String[]::new),
        rows.stream().map(NewRow::pause).toArray(Long[]::new),
        rows.stream().map(row -> utc(row.of().place())).toArray(OffsetDateTime[]::new),
        rows.stream().map(row -> row.of().message().id()).toArray(String[]::new),
        rows.stream().map(row -> row.of().message().sender()).toArray(String[]::new),
        rows.stream().map(row -> row.of().key()).toArray(String[]::new),
        rows.stream()
            .map(row -> new String(row.of().message().body(), StandardCharsets.UTF_8))
            .toArray(String[]::new),
        rows.stream().map(row -> utc(row.of().sentAt())).toArray(OffsetDateTime[]::new),
        rows.stream().map(NewRow::attempts).toArray(Integer[]::new),
        rows.stream().map(NewRow::reason).toArray(String[]::new),
        rows.stream().map(NewRow::offset).toArray(Long[]::new));
  }

  private static @Nullable NewRow row(Settled one) {
    var delivery = one.delivery();
    return switch (one.outcome()) {
      case Outcome.Done done -> null;
      case Outcome.Duplicate duplicate -> null;
      case Outcome.Again(var after, var reason) ->
          new NewRow(delivery, "ready", after.toMillis(), delivery.attempt(), reason);
      case Outcome.Dead(var reason, var attempts) ->
          new NewRow(delivery, "dead", 0L, attempts, reason);
      case Outcome.Clash clash ->
          new NewRow(delivery, "dead", 0L, 0, "its id came before with another content");
      case Outcome.Kept kept -> new NewRow(delivery, "ready", null, delivery.attempts(), null);
      case Outcome.Delayed delayed ->
          new NewRow(
              delivery,
              // Without a key it is in nobody's way, before it is due and after.
              delivery.key() == null ? "ready" : "delayed",
              null,
              delivery.attempts(),
              null);
    };
  }

  private static OffsetDateTime utc(Instant at) {
    return at.atOffset(ZoneOffset.UTC);
  }
}
