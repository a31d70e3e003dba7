package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the JVM images do: train a cache without any store, then start from it. */
class AotCacheTest {
  @TempDir Path folder;

  private AotCache cache(WorkerKind kind) {
    return new AotCache(kind, kind.app(), folder.resolve(kind.module() + ".aot"));
  }

  @Test
  @Timeout(value = 3, unit = TimeUnit.MINUTES)
  void eachWorkerStartsAndAnswersFromACacheOfItsOwnAlone() {
    var user = cache(WorkerKind.USER_WORKER).train().prove();
    var data = cache(WorkerKind.DATA_WORKER).train().prove();

    var mixedUp = new AotCache(data.kind(), data.app(), user.file());
    assertThatThrownBy(mixedUp::prove).hasMessageContaining("shared class paths mismatch");
    assertThat(user.file()).isRegularFile();
  }
}
