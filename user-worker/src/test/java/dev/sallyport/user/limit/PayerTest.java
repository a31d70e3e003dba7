package dev.sallyport.user.limit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PayerTest {
  @ParameterizedTest
  @CsvSource({
    "2001:db8:1:2::1, 2001:DB8:1:2:ffff:eeee:dddd:cccc",
    "::1, 0:0:0:0::2",
    "::ffff:192.0.2.1, 192.0.2.1",
    "::ffff:c000:201, 192.0.2.1",
    "fe80::1%eth0, fe80::2"
  })
  void oneHouseholdIsOnePayer(String one, String other) {
    assertThat(Payer.address(one).id()).isEqualTo(Payer.address(other).id());
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 192.0.2.2",
    "2001:db8:1:2::1, 2001:db8:1:3::1",
    "2001:db8::1, 192.0.2.1",
    "unknown, ::1"
  })
  void othersAreOthers(String one, String other) {
    assertThat(Payer.address(one).id()).isNotEqualTo(Payer.address(other).id());
  }

  @ParameterizedTest
  @ValueSource(strings = {"unknown", "1:2", ":::", "abcdef", ""})
  void whatIsNoAddressPaysTooUnderItsOwnName(String text) {
    assertThat(Payer.address(text).id()).isEqualTo("address:" + text);
  }
}
