package dev.sallyport.user.binding;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkerAddressTest {
  @Test
  void schemeHostAndPortAreReadAsTheyAreWritten() {
    assertThat(WorkerAddress.parse("http://10.1.2.3:8080"))
        .contains(new WorkerAddress("http://10.1.2.3:8080", "http", "10.1.2.3", 8080));
    assertThat(WorkerAddress.parse("https://[fd00::1]:8443"))
        .contains(new WorkerAddress("https://[fd00::1]:8443", "https", "[fd00::1]", 8443));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "10.1.2.3:8080",
        "http://10.1.2.3",
        "http://10.1.2.3:",
        "http://10.1.2.3:0",
        "http://10.1.2.3:65536",
        "http://10.1.2.3:99999999999",
        "http://10.1.2.3:80:80",
        "http://:8080",
        "http://10.1.2.3:8080/",
        "http://10.1.2.3:8080/x",
        "http://10.1.2.3:8080?x",
        "http://10.1.2.3:8080#x",
        "http://ada@10.1.2.3:8080",
        "http://10.1.2.3:8080@evil.example:80",
        "http://evil.example:80\\@10.1.2.3:8080",
        " http://10.1.2.3:8080",
        "HTTP://10.1.2.3:8080",
        "ftp://10.1.2.3:8080",
        "file:///etc/passwd",
        "unix:/var/run/docker.sock"
      })
  void nothingElseIsAnAddress(String text) {
    assertThat(WorkerAddress.parse(text)).isEmpty();
  }
}
