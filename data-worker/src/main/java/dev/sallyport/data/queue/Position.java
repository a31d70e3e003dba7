package dev.sallyport.data.queue;

import dev.sallyport.data.binding.Paging;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/**
 * Where a page of dead letters ends: when the letter died, to the microsecond as Postgres has it,
 * and its row. Immutable.
 */
record Position(Instant at, long pk) {
  /** Before all that there can be. */
  static final Position BEGIN = new Position(Instant.EPOCH, 0);

  /** After all that there can be. */
  static final Position END = new Position(Instant.parse("9999-01-01T00:00:00Z"), Long.MAX_VALUE);

  private static final int BYTES = 2 * Long.BYTES;
  private static final long MICROS = 1_000_000;

  /** What a client brings to get the next page. */
  String cursor() {
    long micros = ChronoUnit.MICROS.between(Instant.EPOCH, at);
    var bytes = ByteBuffer.allocate(BYTES).putLong(micros).putLong(pk).array();
    return Paging.cursor(bytes);
  }

  /** Reads {@link #cursor}. */
  static Position parse(String cursor) {
    var bytes = Paging.position(cursor);
    if (bytes.length == BYTES) {
      var read = ByteBuffer.wrap(bytes);
      long micros = read.getLong();
      if (micros >= 0 && micros / MICROS < END.at.getEpochSecond()) {
        return new Position(Instant.EPOCH.plus(micros, ChronoUnit.MICROS), read.getLong());
      }
    }
    throw Paging.badCursor();
  }

  OffsetDateTime utc() {
    return at.atOffset(ZoneOffset.UTC);
  }
}
