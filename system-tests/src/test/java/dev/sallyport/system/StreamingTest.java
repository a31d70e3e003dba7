package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Bodies of any size pass through both workers in a heap of 128 MiB. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StreamingTest {
  private static final long GIB = 1024L * 1024 * 1024;
  private static final long MIB = 1024L * 1024;

  /** Heap, code, metaspace, threads, and the direct buffers that a JVM allows beside its heap. */
  private static final long RESIDENT_MAX = 480 * MIB;

  private static final long STANDING_STILL_MAX = 48 * MIB;

  private Deployment deployment;
  private Accounts.Session session;

  @BeforeAll
  void startWithSmallHeaps() {
    deployment =
        Deployment.start(
            Deployment.Settings.quick("streaming")
                .flags("-Xmx128m", "-XX:+ExitOnOutOfMemoryError"));
    session = deployment.accounts().newSession();
  }

  @AfterAll
  void stop() {
    deployment.close();
  }

  @AfterEach
  void bothWorkersAreWellAndSmall() {
    for (var worker : new Worker[] {deployment.userWorker(), deployment.dataWorker()}) {
      assertThat(worker.isAlive()).isTrue();
      assertThat(worker.log()).doesNotContain("OutOfMemory");
      assertThat(worker.residentBytes()).isLessThan(RESIDENT_MAX);
    }
    assertThat(ping()).isEqualTo(200);
  }

  private int ping() {
    return deployment
        .userWorker()
        .http()
        .get("/api/internal/ping", "Authorization", session.bearer())
        .status();
  }

  private String authorization() {
    return "Authorization: " + session.bearer();
  }

  private RawSocket connect() {
    return RawSocket.connect(deployment.userWorker().port());
  }

  @Test
  void aGibibytePassesBothWaysAtOnceAndIsTheSame() throws Exception {
    long seed = new Random().nextLong();
    System.Logger log = System.getLogger(StreamingTest.class.getName());
    log.log(System.Logger.Level.INFO, "content seed {0}", seed);
    try (var socket = connect()) {
      socket.send(
          RawSocket.head(
              "POST /api/internal/echo/bytes HTTP/1.1",
              authorization(),
              "Content-Type: application/octet-stream",
              "Content-Length: " + GIB));
      var sent = CompletableFuture.supplyAsync(() -> write(socket.out(), seed, GIB), VIRTUAL);
      assertThat(head(socket)).startsWith("HTTP/1.1 200").contains("content-length: " + GIB);
      var received = digest(socket.in(), GIB);
      assertThat(received).isEqualTo(sent.get(10, TimeUnit.SECONDS));
    }
  }

  private static final Executor VIRTUAL = task -> Thread.ofVirtual().start(task);

  @Test
  void aGibibyteComesDown() throws Exception {
    try (var socket = connect()) {
      socket.send(
          RawSocket.head(
              "GET /api/internal/echo/bytes?size=" + GIB + " HTTP/1.1", authorization()));
      assertThat(head(socket)).startsWith("HTTP/1.1 200").contains("content-length: " + GIB);
      var expected = MessageDigest.getInstance("SHA-256");
      var bytes = new byte[(int) MIB];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) i;
      }
      for (long at = 0; at < GIB; at += MIB) {
        expected.update(bytes);
      }
      assertThat(digest(socket.in(), GIB)).isEqualTo(hex(expected));
    }
  }

  @Test
  void aBodyOfUnknownLengthPassesBothWaysAtOnce() throws Exception {
    long size = 64 * MIB;
    try (var socket = connect()) {
      socket.send(
          RawSocket.head(
              "POST /api/internal/echo/bytes HTTP/1.1",
              authorization(),
              "Transfer-Encoding: chunked"));
      var sent =
          CompletableFuture.supplyAsync(
              () -> {
                var chunked = new Chunking(socket.out());
                var digest = write(chunked, 7, size);
                chunked.end();
                return digest;
              },
              VIRTUAL);
      var answer = socket.answer();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.whole()).isTrue();
      var received = MessageDigest.getInstance("SHA-256");
      received.update(answer.body().buffer());
      assertThat(hex(received)).isEqualTo(sent.get(10, TimeUnit.SECONDS));
    }
  }

  @Test
  void aClientThatStopsReadingHoldsNoMemory() {
    try (var socket = RawSocket.connect(deployment.userWorker().port(), 64 * 1024)) {
      long user = deployment.userWorker().residentBytes();
      long data = deployment.dataWorker().residentBytes();
      socket.send(
          RawSocket.head(
              "GET /api/internal/echo/bytes?size=" + GIB + " HTTP/1.1", authorization()));
      assertThat(head(socket)).startsWith("HTTP/1.1 200");
      await()
          .during(Duration.ofSeconds(3))
          .atMost(Duration.ofSeconds(4))
          .until(() ->
              deployment.userWorker().residentBytes() < user + STANDING_STILL_MAX
                  && deployment.dataWorker().residentBytes() < data + STANDING_STILL_MAX);
    }
  }

  @Test
  void clientsThatSendAByteASecondLeaveOthersAlone() {
    var slow =
        IntStream.range(0, 600).mapToObj(i -> slowUpload(i % 2 == 0 ? 1000 : 100_000)).toList();
    try (var clock = Executors.newSingleThreadScheduledExecutor()) {
      var sending =
          clock.scheduleAtFixedRate(
              () -> slow.forEach(socket -> socket.send("x")), 0, 1, TimeUnit.SECONDS);
      await()
          .during(Duration.ofSeconds(3))
          .atMost(Duration.ofSeconds(10))
          .pollInterval(Duration.ofMillis(20))
          .until(() -> {
            long began = System.nanoTime();
            int status = ping();
            return status == 200 && Duration.ofNanos(System.nanoTime() - began).toMillis() < 500;
          });
      sending.cancel(true);
    } finally {
      slow.forEach(RawSocket::close);
    }
  }

  private RawSocket slowUpload(int length) {
    return connect()
        .send(
            RawSocket.head(
                "POST /api/internal/echo/bytes HTTP/1.1",
                authorization(),
                "Content-Length: " + length));
  }

  private static String head(RawSocket socket) {
    return String.join("\n", new HttpReader(socket.in()).nextHead())
        .replace("Content-Length", "content-length");
  }

  /**
   * Writes {@code size} bytes that repeat at no distance below 2^63 MiB, and gives their digest.
   */
  private static String write(OutputStream out, long seed, long size) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      var block = ByteBuffer.allocate((int) MIB);
      new Random(seed).nextBytes(block.array());
      for (long at = 0; at < size; at += MIB) {
        block.putLong(0, at ^ seed);
        digest.update(block.array());
        out.write(block.array());
      }
      return hex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String digest(InputStream in, long size)
      throws IOException, NoSuchAlgorithmException {
    var digest = MessageDigest.getInstance("SHA-256");
    var buffer = new byte[256 * 1024];
    for (long left = size; left > 0; ) {
      int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
      assertThat(read).as("bytes, with " + left + " to go").isPositive();
      digest.update(buffer, 0, read);
      left -= read;
    }
    return hex(digest);
  }

  private static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Each write as one chunk. */
  private static final class Chunking extends OutputStream {
    private final OutputStream out;

    Chunking(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
      out.write(bytes, offset, length);
      out.write(new byte[] {'\r', '\n'});
    }

    void end() {
      try {
        out.write(new byte[] {'0', '\r', '\n', '\r', '\n'});
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
