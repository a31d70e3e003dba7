package dev.sallyport.system;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What a data-worker and all its user-workers together hold after a garbage collection, in bytes:
 * resident memory, and live objects. A native binary is asked for no collection.
 */
record Held(long data, long dataHeap, long user, long userHeap) {
  static Held by(Worker data, Worker... users) {
    long dataHeap = heap(data);
    long userHeap = Arrays.stream(users).mapToLong(Held::heap).sum();
    return new Held(
        data.residentBytes(),
        dataHeap,
        Arrays.stream(users).mapToLong(Worker::residentBytes).sum(),
        userHeap);
  }

  /** Of objects that are alive in a worker. */
  static long heap(Worker worker) {
    var jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    try {
      new ProcessBuilder(jcmd.toString(), Long.toString(worker.pid()), "GC.run")
          .redirectOutput(new File("/dev/null"))
          .start()
          .waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return worker
        .management()
        .get("/q/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("jvm_memory_used_bytes{") && line.contains("\"heap\""))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
