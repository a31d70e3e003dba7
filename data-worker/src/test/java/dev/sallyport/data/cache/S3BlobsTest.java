package dev.sallyport.data.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class S3BlobsTest extends BlobsContract {
  /** The port's own limit, and what a busy machine adds. */
  private static final Duration SOON = Blobs.ANSWER_WITHIN.plusSeconds(2);

  private static ObjectStore store;

  private final List<S3Blobs> opened = new ArrayList<>();

  @BeforeAll
  static void startStore() throws Exception {
    store = new ObjectStore();
  }

  @AfterAll
  static void stopStore() throws Exception {
    store.stop();
  }

  @AfterEach
  void end() {
    opened.forEach(S3Blobs::close);
  }

  @Override
  Blobs blobs(Duration keep) {
    return open(store.bucket("blobs"), keep);
  }

  private S3Blobs open(Bucket bucket, Duration keep) {
    var blobs = new S3Blobs(bucket, keep, System::nanoTime);
    opened.add(blobs);
    return blobs;
  }

  private S3Blobs open(Bucket bucket) {
    return open(bucket, CacheOptions.KEEP_MAX);
  }

  @Override
  int largest() {
    return S3Blobs.BYTES_MAX;
  }

  @Test
  void objectsAreBelowThePrefix() throws BlobsAway {
    blobs(CacheOptions.KEEP_MAX).put("cache/prices/a", bytes("pear"));
    assertThat(store.behind.blobExists("blobs", "sallyport/cache/prices/a")).isTrue();
  }

  @Test
  void whatSomebodyElsePutThereIsNotReadIntoMemory() throws BlobsAway {
    var blobs = blobs(CacheOptions.KEEP_MAX);
    var huge =
        store
            .behind
            .blobBuilder("sallyport/huge")
            .payload(new byte[2 * S3Blobs.BYTES_MAX])
            .contentLength(2L * S3Blobs.BYTES_MAX)
            .build();
    var _ = store.behind.putBlob("blobs", huge);
    assertThat(blobs.get("huge")).isEmpty();
  }

  @Test
  void aBucketThatIsNotThereIsNoEmptyOne() {
    isAway(open(ObjectStore.bucketAt(store.endpoint(), "nowhere", ObjectStore.SECRET_KEY)));
  }

  @Test
  void aWrongSecretIsNoEmptyBucketAndIsNotTold() {
    var _ = store.bucket("blobs");
    isAway(open(ObjectStore.bucketAt(store.endpoint(), "blobs", "wrong-secret")));
  }

  @Test
  void aStoreThatRefusesConnectionsIsAway() throws Exception {
    URI nobody;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }
    isAway(open(ObjectStore.bucketAt(nobody, "blobs", "wrong-secret")));
  }

  @Test
  void aStoreThatSaysNothingIsAway() throws Exception {
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      var there = URI.create("http://127.0.0.1:" + silent.getLocalPort());
      isAway(open(ObjectStore.bucketAt(there, "blobs", "wrong-secret")));
    }
  }

  private static void isAway(Blobs blobs) {
    isAway(() -> blobs.get("a"));
    isAway(() -> blobs.put("a", bytes("pear")));
    isAway(() -> blobs.delete("a"));
  }

  private static void isAway(ThrowingCallable call) {
    long began = System.nanoTime();
    assertThatExceptionOfType(BlobsAway.class)
        .isThrownBy(call)
        .withMessageStartingWith("cannot ")
        .withMessageNotContainingAny(
            "wrong-secret", ObjectStore.SECRET_KEY, ObjectStore.ACCESS_KEY);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(SOON);
  }
}
