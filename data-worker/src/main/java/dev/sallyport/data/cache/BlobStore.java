package dev.sallyport.data.cache;

import dev.sallyport.data.platform.Ticker;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.jboss.logging.Logger;

/** The blobs that the settings name; made when the first one is needed. Thread-safe; blocks. */
@Singleton
class BlobStore implements Blobs {
  /** All folders in about an hour. */
  private static final long SWEEP_EVERY_MILLIS = 60_000;

  private static final Logger LOG = Logger.getLogger(BlobStore.class);

  private final Blobs blobs;

  @Inject
  BlobStore(BlobSettings settings, Clock clock, Ticker ticker) {
    this.blobs =
        Bucket.of(settings)
            .<Blobs>map(bucket -> new S3Blobs(bucket, CacheOptions.KEEP_MAX, ticker))
            .orElseGet(() ->
                new FileBlobs(
                    directory(settings), settings.bytesMax(), CacheOptions.KEEP_MAX, clock));
  }

  void start(@Observes StartupEvent start, Vertx vertx) {
    if (blobs instanceof FileBlobs files) {
      vertx.setPeriodic(SWEEP_EVERY_MILLIS, now -> Thread.startVirtualThread(() -> sweep(files)));
    }
  }

  @PreDestroy
  void stop() {
    if (blobs instanceof S3Blobs objects) {
      objects.close();
    }
  }

  private static void sweep(FileBlobs files) {
    try {
      files.sweep();
    } catch (BlobsAway e) {
      LOG.debugf("not swept: %s", e.getMessage());
    }
  }

  private static Path directory(BlobSettings settings) {
    return settings
        .directory()
        .map(Path::of)
        .orElseGet(() ->
            Path.of(
                System.getProperty("java.io.tmpdir"),
                "sallyport-blobs-" + System.getProperty("user.name")));
  }

  @Override
  public Optional<Blob> get(String name) throws BlobsAway {
    return blobs.get(name);
  }

  @Override
  public void put(String name, byte[] bytes) throws BlobsAway {
    blobs.put(name, bytes);
  }

  @Override
  public void delete(String name) throws BlobsAway {
    blobs.delete(name);
  }
}
