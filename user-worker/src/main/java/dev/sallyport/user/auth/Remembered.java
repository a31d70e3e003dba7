package dev.sallyport.user.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Credentials that were found good a moment ago, by their hash, so that the hot path does no
 * elliptic-curve work and asks no database. Thread-safe; holds at most the given number and drops
 * the least useful. It does not know about revocation: {@link Revocations} is asked every time.
 */
final class Remembered {
  private static final Duration AT_MOST = Duration.ofSeconds(60);

  private record Hash(long a, long b, long c, long d) {
    static Hash of(String credential) {
      var bytes = ByteBuffer.wrap(Secrets.sha256(credential));
      return new Hash(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
    }

    // Both written out: in a native binary those of a record are interpreted method handles.

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Hash h && a == h.a && b == h.b && c == h.c && d == h.d;
    }

    /** Any part of a SHA-256 is as good as another. */
    @Override
    public int hashCode() {
      return Long.hashCode(a);
    }
  }

  private record Entry(Principal principal, long untilMillis) {}

  private final Cache<Hash, Entry> entries;
  private final InstantSource clock;

  Remembered(int max, InstantSource clock) {
    this.entries = Caffeine.newBuilder().maximumSize(max).build();
    this.clock = clock;
  }

  @Nullable Principal find(String credential) {
    var entry = entries.getIfPresent(Hash.of(credential));
    return entry == null || clock.millis() >= entry.untilMillis() ? null : entry.principal();
  }

  /** Forgets everybody: something on which they were found good has gone. */
  void forgetAll() {
    entries.invalidateAll();
  }

  /** Remembers a credential for a minute, never past its own end. */
  void remember(String credential, Principal principal) {
    Instant until = clock.instant().plus(AT_MOST);
    if (principal.expiresAt().isBefore(until)) {
      until = principal.expiresAt();
    }
    entries.put(Hash.of(credential), new Entry(principal, until.toEpochMilli()));
  }
}
