package dev.sallyport.user.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientAddressTest {
  private static final String PEER = "10.0.0.9";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 | 203.0.113.7               | 203.0.113.7",
        "1 | 6.6.6.6, 203.0.113.7      | 203.0.113.7",
        "2 | 6.6.6.6, 203.0.113.7, 10.0.0.1 | 203.0.113.7",
        "1 | 2001:db8::1               | 2001:db8::1",
        "1 | ::ffff:203.0.113.7        | ::ffff:203.0.113.7",
        "3 | 203.0.113.7, 10.0.0.1     | 10.0.0.9"
      })
  void onlyWhatOurOwnProxiesWroteIsBelieved(int trusted, String forwarded, String address) {
    assertThat(of(trusted, forwarded)).isEqualTo(address);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "unknown", "_hidden", "203.0.113.7\"", "1.2.3.4 5.6.7.8", "-"})
  void whatIsNotAnAddressIsNotPassedOn(String forwarded) {
    assertThat(of(1, forwarded)).isEqualTo(PEER);
  }

  @Test
  void anEntryOfAnyLengthIsNotPassedOn() {
    assertThat(of(1, "1".repeat(65))).isEqualTo(PEER);
  }

  @Test
  void headersCountInTheOrderOfTheirComing() {
    var headers =
        HttpHeaders.headers()
            .add("X-Forwarded-For", "6.6.6.6")
            .add("x-forwarded-for", "203.0.113.7, 10.0.0.1");
    assertThat(ClientAddress.of(headers, PEER, 2)).isEqualTo("203.0.113.7");
  }

  @Test
  void withoutTheHeaderItIsThePeer() {
    assertThat(ClientAddress.of(HttpHeaders.headers(), PEER, 1)).isEqualTo(PEER);
  }

  private static String of(int trusted, String forwarded) {
    return ClientAddress.of(HttpHeaders.headers().add("X-Forwarded-For", forwarded), PEER, trusted);
  }
}
