package dev.sallyport.data.cache;

import dev.sallyport.data.platform.Ticker;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What this worker has loaded while Redis was away, so that it does not load on each call: a few
 * values for a few seconds. Nothing here is looked at while Redis answers. Thread-safe.
 */
final class Standby {
  static final Duration KEEP_MAX = Duration.ofSeconds(10);
  static final int ENTRIES_MAX = 1_000;
  static final int BYTES_MAX = 8 * 1024 * 1024;

  private record Kept(Entry entry, long since) {}

  private final Ticker ticker;
  private final Map<String, Kept> entries = new LinkedHashMap<>();
  private long bytes;

  Standby(Ticker ticker) {
    this.ticker = ticker;
  }

  /** A value that is still fresh. */
  synchronized Optional<Aged> get(String key) {
    var kept = entries.get(key);
    if (kept == null) {
      return Optional.empty();
    }
    var since = Duration.ofNanos(ticker.nanos() - kept.since());
    var aged = new Aged(kept.entry(), kept.entry().age().plus(since));
    if (since.compareTo(KEEP_MAX) >= 0 || aged.age().compareTo(kept.entry().fresh()) >= 0) {
      remove(key);
      return Optional.empty();
    }
    return Optional.of(aged);
  }

  /** Keeps a value; the oldest make room. */
  synchronized void put(String key, Entry entry) {
    remove(key);
    entries.put(key, new Kept(entry, ticker.nanos()));
    bytes += entry.json().length;
    Iterator<Kept> oldest = entries.values().iterator();
    while (entries.size() > ENTRIES_MAX || bytes > BYTES_MAX) {
      bytes -= oldest.next().entry().json().length;
      oldest.remove();
    }
  }

  synchronized void remove(String key) {
    var removed = entries.remove(key);
    if (removed != null) {
      bytes -= removed.entry().json().length;
    }
  }
}
