package dev.sallyport.data.cache;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;

class FileBlobsTest extends BlobsContract {
  private static final int LARGEST = 1 << 20;

  @TempDir Path directory;

  @Override
  Blobs blobs(Duration keep) {
    return new FileBlobs(directory, (long) LARGEST * FileBlobs.FOLDERS, keep, Clock.systemUTC());
  }

  @Override
  int largest() {
    return LARGEST;
  }
}
