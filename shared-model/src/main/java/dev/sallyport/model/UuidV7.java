package dev.sallyport.model;

import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Makes ids that sort by time: RFC 9562, section 5.7 (48 bits of milliseconds, 74 random bits).
 * Thread-safe when its random source is.
 */
public final class UuidV7 {
  private final InstantSource clock;
  private final RandomGenerator random;

  public UuidV7(InstantSource clock, RandomGenerator random) {
    this.clock = clock;
    this.random = random;
  }

  public UUID next() {
    return id(random.nextLong(), random.nextLong());
  }

  /** So many at once: a secure source gives much in one go far sooner than little many times. */
  public List<UUID> next(int count) {
    var bits = new byte[count * 2 * Long.BYTES];
    random.nextBytes(bits);
    var longs = ByteBuffer.wrap(bits).asLongBuffer();
    var ids = new ArrayList<UUID>(count);
    for (int i = 0; i < count; i++) {
      ids.add(id(longs.get(), longs.get()));
    }
    return ids;
  }

  private UUID id(long some, long more) {
    long high = (clock.millis() << 16) | 0x7000L | (some & 0x0fffL);
    long low = (more & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
    return new UUID(high, low);
  }
}
