package dev.sallyport.data.service.echo;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.RawConnection;
import dev.sallyport.data.UserWorker;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class EchoBytesTest {
  private static final String BYTES = "/api/internal/echo/bytes";
  private static final int MEBIBYTE = 1024 * 1024;

  @TestHTTPResource("/")
  URI base;

  private UserWorker worker;

  @BeforeEach
  void call() {
    worker = UserWorker.calling(base);
  }

  @Test
  void asManyBytesComeAsWereAskedFor() {
    for (int size : List.of(0, 1, 32 * 1024, 3 * MEBIBYTE + 7)) {
      var answer = worker.getBytes(BYTES + "?size=" + size);
      assertThat(answer.headers().firstValue("Content-Length")).contains(Integer.toString(size));
      assertThat(answer.body()).hasSize(size);
      for (int i = 0; i < size; i++) {
        if (answer.body()[i] != (byte) i) {
          throw new AssertionError("byte " + i + " is " + answer.body()[i]);
        }
      }
    }
  }

  @Test
  void aSizeThatIsNoneIsNotValid() {
    for (var query : List.of("", "?size=", "?size=-1", "?size=x", "?size=2147483649")) {
      var answer = worker.get(BYTES + query);
      assertThat(answer.statusCode()).as(query).isEqualTo(422);
      assertThat(answer.body()).contains("\"field\":\"size\"");
    }
  }

  @Test
  void theHeadOfALargeAnswerCanBeHadAlone() {
    var answer = worker.send("HEAD", BYTES + "?size=2147483648", null, null);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Length")).contains("2147483648");
  }

  @Test
  void aBodyComesBackByteForByteWithItsTypeWhileItIsStillBeingSent() throws Exception {
    var sent = new byte[4 * MEBIBYTE];
    for (int i = 0; i < sent.length; i++) {
      sent[i] = (byte) (i * 31);
    }
    try (var raw = open("image/x", Map.of("Content-Length", "" + sent.length));
        var writer = Executors.newVirtualThreadPerTaskExecutor()) {
      raw.write(Arrays.copyOf(sent, MEBIBYTE));
      var head = raw.readUntil("\r\n\r\n");
      assertThat(head).startsWith("HTTP/1.1 200 ").containsIgnoringCase("content-type: image/x");
      var rest =
          CompletableFuture.runAsync(
              () -> raw.write(Arrays.copyOfRange(sent, MEBIBYTE, sent.length)), writer);
      int begun = head.indexOf("\r\n\r\n") + 4;
      var received = ByteBuffer.allocate(sent.length);
      received.put(head.substring(begun).getBytes(ISO_8859_1));
      while (received.hasRemaining()) {
        received.put(raw.readSome());
      }
      rest.get();
      assertThat(received.array()).isEqualTo(sent);
    }
  }

  @Test
  void aBodyOfUnknownLengthComesBackInChunksAsOctets() {
    try (var raw = open(null, Map.of("Transfer-Encoding", "chunked", "Connection", "close"))) {
      raw.write("5\r\nhello\r\n0\r\n\r\n".getBytes(ISO_8859_1));
      assertThat(raw.readToEnd())
          .containsIgnoringCase("content-type: application/octet-stream")
          .containsIgnoringCase("transfer-encoding: chunked")
          .endsWith("5\r\nhello\r\n0\r\n\r\n");
    }
  }

  @Test
  void aClientThatWaitsForPermissionToSendGetsIt() {
    try (var raw = open(null, Map.of("Content-Length", "2", "Expect", "100-continue"))) {
      assertThat(raw.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 100 ");
      raw.write("ab".getBytes(ISO_8859_1));
      assertThat(raw.readUntil("ab")).startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void moreThanTwoGibibytesAreRefusedWhenAnnounced() {
    try (var raw = open(null, Map.of("Content-Length", "2147483649"))) {
      assertThat(raw.readToEnd()).startsWith("HTTP/1.1 413 ").contains("too-large");
    }
  }

  @Test
  void whoSendsAndNeverReadsIsStopped() {
    try (var raw = open(null, Map.of("Content-Length", "2147483648"))) {
      assertThat(EchoSocketTest.accepted(raw, new byte[32 * 1024])).isLessThan(64L * MEBIBYTE);
    }
  }

  @Test
  void whoAsksForMuchAndReadsNothingIsNotServedFromMemory() {
    try (var raw = RawConnection.to(worker.port())) {
      var target = BYTES + "?size=2147483648";
      raw.head("GET " + target, worker.headers("GET", target, null));
      raw.readUntil("\r\n\r\n");
      // A worker that wrote all of it ahead would need 2 GiB; the tests' JVM has half of that.
      assertThat(worker.get("/api/internal/ping").statusCode()).isEqualTo(200);
    }
  }

  private RawConnection open(@Nullable String type, Map<String, String> more) {
    var headers = worker.headers("POST", BYTES, type);
    if (type != null) {
      headers.put("Content-Type", type);
    }
    headers.putAll(more);
    return RawConnection.to(worker.port()).head("POST " + BYTES, headers);
  }
}
