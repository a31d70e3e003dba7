package dev.sallyport.data.binding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.data.RawConnection;
import dev.sallyport.data.UserWorker;
import dev.sallyport.model.UnderWay;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;

@QuarkusTest
class OpenSocketTest {
  @TestHTTPResource("/")
  URI base;

  @Inject UnderWay underWay;

  @Test
  void aSocketThatIsEndedAndNeverReadsIsCutOff() {
    int before = underWay.count();
    var worker = UserWorker.calling(base);
    try (var raw = RawConnection.to(worker.port())) {
      var headers = worker.headers("GET", FloodingSocket.PATH, null);
      headers.put("Connection", "Upgrade");
      headers.put("Upgrade", "websocket");
      headers.put("Sec-WebSocket-Version", "13");
      headers.put("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
      raw.head("GET " + FloodingSocket.PATH, headers);
      assertThat(raw.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 101 ");
      await().atMost(Duration.ofSeconds(10)).until(() -> underWay.count() == before);
    }
  }
}
