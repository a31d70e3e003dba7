package dev.sallyport.data.cache;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.data.platform.RedisLink;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisOptions;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/** One worker's caches, with connections of their own to the stores that all share. */
final class Site implements AutoCloseable {
  final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  final RedisLink link;
  final Caches caches;
  private final Vertx vertx = Vertx.vertx();
  private final Redis redis;

  Site(String redisUrl, Path blobs, Duration redisWithin) {
    this(
        redisUrl,
        new FileBlobs(blobs, 64L << 20, CacheOptions.KEEP_MAX, Clock.systemUTC()),
        redisWithin);
  }

  /**
   * @param redisWithin more than in production where a busy machine should change nothing
   */
  Site(String redisUrl, Blobs blobs, Duration redisWithin) {
    this.redis =
        Redis.createClient(
            vertx,
            new RedisOptions()
                .setConnectionString(redisUrl)
                .setMaxPoolSize(8)
                .setMaxPoolWaiting(2048));
    this.link = new RedisLink(() -> redis, vertx, System::nanoTime, metrics);
    this.caches =
        new Caches(
            new HotScript(link),
            new ColdTier(blobs, System::nanoTime, metrics),
            new ObjectMapper(),
            System::nanoTime,
            metrics,
            redisWithin);
  }

  @Override
  public void close() {
    redis.close();
    var _ = vertx.close();
  }
}
