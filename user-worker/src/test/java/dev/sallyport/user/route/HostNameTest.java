package dev.sallyport.user.route;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostNameTest {
  @ParameterizedTest
  @CsvSource({
    "shop.example, shop.example",
    "SHOP.Example, shop.example",
    "shop.example., shop.example",
    "shop.example:8080, shop.example",
    "shop.example.:, shop.example",
    "sh%6fp.example, shop.example",
    "127.0.0.1:80, 127.0.0.1",
    "localhost, localhost",
    "[::1], [0:0:0:0:0:0:0:1]",
    "[::1]:8080, [0:0:0:0:0:0:0:1]",
    "[0:0:0:0:0:0:0:1], [0:0:0:0:0:0:0:1]",
    "[2001:DB8::A], [2001:db8:0:0:0:0:0:a]"
  })
  void allSpellingsOfAHostAreOne(String authority, String host) {
    assertThat(HostName.parse(authority)).contains(new HostName(host));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        ":80",
        "a b",
        "a/b",
        "a\\b",
        "a@b",
        "a?b",
        "a#b",
        "a:b",
        "a:80:80",
        "a:-1",
        "a%",
        "a%zz",
        "::1",
        "[::1",
        "[]",
        "[::g]",
        "[1]",
        "[fe80::1%25eth0]",
        "[v1.a]",
        "[::1]x",
        "\u00e9"
      })
  void whatIsNoHostIsNone(String authority) {
    assertThat(HostName.parse(authority)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {801, 1_000_000})
  void whatIsTooLongForAHostIsNone(int length) {
    assertThat(HostName.parse("a".repeat(length))).isEmpty();
  }
}
