package dev.sallyport.data.queue;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which dead letters; each part that is null fits all. Immutable.
 *
 * @param reason a part of it
 * @param before when they died, exclusively; so {@code after}
 * @param letters their rows, at most {@link DeadSql#STEP_MAX}
 */
record DeadFilter(
    @Nullable String key,
    @Nullable String sender,
    @Nullable String reason,
    @Nullable Instant before,
    @Nullable Instant after,
    @Nullable List<Long> letters) {

  /** For the same parameters of several statements: $3 to $8, after the queue and a limit. */
  static final String FITS =
      """
      ($3::text IS NULL OR key = $3) AND ($4::text IS NULL OR sender = $4)
        AND ($5::text IS NULL OR strpos(reason, $5) > 0)
        AND due_at < $6::timestamptz AND due_at > $7::timestamptz
        AND ($8::bigint[] IS NULL OR pk = ANY ($8))\
      """;

  Long @Nullable [] pks() {
    return letters == null ? null : letters.toArray(Long[]::new);
  }

  Position until() {
    return before == null ? Position.END : new Position(before, 0);
  }

  Position since() {
    return after == null ? Position.BEGIN : new Position(after, Long.MAX_VALUE);
  }

  DeadFilter of(List<Long> rows) {
    return new DeadFilter(key, sender, reason, before, after, rows);
  }

  DeadFilter before(Instant moment) {
    return before != null && before.isBefore(moment)
        ? this
        : new DeadFilter(key, sender, reason, moment, after, letters);
  }
}
