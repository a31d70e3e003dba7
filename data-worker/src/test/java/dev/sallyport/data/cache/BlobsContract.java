package dev.sallyport.data.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sallyport.data.Eventually;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every store of blobs does. */
abstract class BlobsContract {
  private static final String NAME = "cache/prices/a-1";
  private static final byte[] PEAR = bytes("pear");
  private static final byte[] PLUM = bytes("plum");

  private Blobs blobs;

  /** An empty store. */
  abstract Blobs blobs(Duration keep);

  /** The largest blob that it keeps, in bytes. */
  abstract int largest();

  @BeforeEach
  void start() throws BlobsAway {
    blobs = blobs(CacheOptions.KEEP_MAX);
    // The first call makes the client.
    Eventually.is(
        "the store answers",
        () -> {
          try {
            blobs.delete("warm");
            return true;
          } catch (BlobsAway e) {
            return false;
          }
        });
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Optional<byte[]> found(Blobs blobs) throws BlobsAway {
    return blobs.get(NAME).map(Blobs.Blob::bytes);
  }

  @Test
  void whatWasPutIsThere() throws BlobsAway {
    blobs.put(NAME, PEAR);
    var blob = blobs.get(NAME).orElseThrow();
    assertThat(blob.bytes()).isEqualTo(PEAR);
    assertThat(blob.age()).isBetween(Duration.ZERO, Duration.ofSeconds(20));
  }

  @Test
  void nothingIsThereThatNobodyPut() throws BlobsAway {
    assertThat(blobs.get(NAME)).isEmpty();
  }

  @Test
  void anotherBlobTakesThePlaceOfTheFirst() throws BlobsAway {
    blobs.put(NAME, PEAR);
    blobs.put(NAME, PLUM);
    assertThat(found(blobs)).contains(PLUM);
  }

  @Test
  void whatWasDeletedIsGone() throws BlobsAway {
    blobs.put(NAME, PEAR);
    blobs.delete(NAME);
    assertThat(blobs.get(NAME)).isEmpty();
  }

  @Test
  void whatIsNotThereCanBeDeleted() throws BlobsAway {
    blobs.delete(NAME);
    assertThat(blobs.get(NAME)).isEmpty();
  }

  @Test
  void blobsDoNotMeet() throws BlobsAway {
    blobs.put(NAME, PEAR);
    blobs.put("cache/prices/a-2", PLUM);
    blobs.delete("cache/prices/a-2");
    assertThat(found(blobs)).contains(PEAR);
  }

  @Test
  void theLargestIsKeptWhole() throws BlobsAway {
    var much = new byte[largest()];
    Arrays.fill(much, (byte) 7);
    blobs.put(NAME, much);
    assertThat(found(blobs)).contains(much);
  }

  @Test
  void whatIsTooLargeIsNotKeptNorIsWhatWasThereBefore() throws BlobsAway {
    blobs.put(NAME, PEAR);
    blobs.put(NAME, new byte[largest() + 1]);
    assertThat(blobs.get(NAME)).isEmpty();
  }

  @Test
  void nothingAtAllCanBeKept() throws BlobsAway {
    blobs.put(NAME, new byte[0]);
    assertThat(found(blobs)).contains(new byte[0]);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "..", "a/../b", "/a", "a/", "A", "a b", "a//b", "ä", "a/b/c/d"})
  void aNameThatLeadsElsewhereIsRefused(String name) {
    assertThatIllegalArgumentException().isThrownBy(() -> blobs.get(name));
    assertThatIllegalArgumentException().isThrownBy(() -> blobs.put(name, PEAR));
    assertThatIllegalArgumentException().isThrownBy(() -> blobs.delete(name));
  }

  @Test
  void oneOfThoseWhoPutAtOnceWinsWhole() throws Exception {
    var tasks = new ArrayList<FutureTask<byte[]>>();
    for (int i = 0; i < 16; i++) {
      var mine = new byte[10_000];
      Arrays.fill(mine, (byte) i);
      Callable<byte[]> put =
          () -> {
            blobs.put(NAME, mine);
            return mine;
          };
      var task = new FutureTask<>(put);
      tasks.add(task);
      Thread.startVirtualThread(task);
    }
    var puts = new ArrayList<byte[]>();
    for (var task : tasks) {
      puts.add(task.get());
    }
    assertThat(puts).contains(found(blobs).orElseThrow());
  }

  @Test
  void whatIsTooOldIsGone() throws BlobsAway {
    var forgetful = blobs(Duration.ofSeconds(2));
    forgetful.put(NAME, PEAR);
    Eventually.is(
        "it is too old",
        () -> {
          try {
            return forgetful.get(NAME).isEmpty();
          } catch (BlobsAway e) {
            throw new AssertionError(e);
          }
        });
    forgetful.put(NAME, PLUM);
    assertThat(found(forgetful)).contains(PLUM);
  }
}
