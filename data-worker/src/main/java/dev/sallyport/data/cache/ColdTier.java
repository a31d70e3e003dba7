package dev.sallyport.data.cache;

import dev.sallyport.data.platform.Ticker;
import dev.sallyport.model.News;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The cold tier: one blob for each value, read when the hot tier has none. A store that fails is
 * left alone for {@link #PAUSE}, so that not everyone waits for it. Blocks; thread-safe.
 */
@Singleton
class ColdTier {
  static final Duration PAUSE = Duration.ofSeconds(1);

  private static final Logger LOG = Logger.getLogger(ColdTier.class);

  /** Whether it is as was asked. */
  enum Done {
    YES,
    NO
  }

  private final Blobs blobs;
  private final Ticker ticker;
  private final News news;
  private final Counter unavailable;
  private boolean paused;
  private long pausedUntil;

  @Inject
  ColdTier(Blobs blobs, Ticker ticker, MeterRegistry metrics) {
    this.blobs = blobs;
    this.ticker = ticker;
    this.news = new News(ticker::nanos);
    this.unavailable =
        Counter.builder("sallyport_cache_blobs_unavailable")
            .description("Reads and writes of the cold tier that its store did not do")
            .register(metrics);
  }

  /** What is kept of this key; nothing, too, where that cannot be found out. */
  Optional<Aged> get(String cache, String key) {
    if (isPaused()) {
      return Optional.empty();
    }
    try {
      var blob = blobs.get(name(cache, key));
      works();
      return blob.flatMap(found ->
          Entry.of(found.bytes()).map(entry -> new Aged(entry, entry.age().plus(found.age()))));
    } catch (BlobsAway e) {
      failed(e);
      return Optional.empty();
    }
  }

  Done put(String cache, String key, Entry entry) {
    if (isPaused()) {
      return Done.NO;
    }
    try {
      blobs.put(name(cache, key), entry.bytes());
      works();
      return Done.YES;
    } catch (BlobsAway e) {
      failed(e);
      return Done.NO;
    }
  }

  /** Tried even where the store has just failed: a value that stays would come back. */
  Done delete(String cache, String key) {
    try {
      blobs.delete(name(cache, key));
      works();
      return Done.YES;
    } catch (BlobsAway e) {
      failed(e);
      return Done.NO;
    }
  }

  /** Keys may be long and have any characters; their hashes are all alike. */
  private static String name(String cache, String key) {
    try {
      var hash = MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
      return "cache/" + cache + "/" + HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private synchronized boolean isPaused() {
    if (!paused) {
      return false;
    }
    if (ticker.nanos() - pausedUntil < 0) {
      unavailable.increment();
      return true;
    }
    // One finds out; for the others it stays as it is.
    pausedUntil = ticker.nanos() + PAUSE.toNanos();
    return false;
  }

  private synchronized void works() {
    paused = false;
    if (news.over()) {
      LOG.info("blobs can be used again");
    }
  }

  private synchronized void failed(BlobsAway why) {
    unavailable.increment();
    paused = true;
    pausedUntil = ticker.nanos() + PAUSE.toNanos();
    if (news.is("away")) {
      LOG.warnf("blobs are not used for now: %s", why.getMessage());
    }
  }
}
