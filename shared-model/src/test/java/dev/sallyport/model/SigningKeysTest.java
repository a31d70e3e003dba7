package dev.sallyport.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SigningKeysTest {
  private static final String SECRET = "A".repeat(43);

  @Test
  void theFirstKeySigns() {
    assertThat(SigningKeys.parse("b:" + SECRET + ", a:" + SECRET).signing().id()).isEqualTo("b");
  }

  @Test
  void whatIsWrongIsSaidWithoutTheSecret() {
    refuses("", "kid:secret");
    refuses(SECRET, "kid:secret");
    refuses("a:" + SECRET.substring(5), "has 28 bytes, needs 32");
    refuses("a:!" + SECRET, "not base64url");
    refuses("a:" + SECRET + ",a:" + SECRET, "both signing keys have the id a");
    refuses("a:" + SECRET + ",b:" + SECRET + ",c:" + SECRET, "at most two");
  }

  @Test
  void itsTextFormShowsNoSecret() {
    assertThat(SigningKeys.parse("a:" + SECRET)).hasToString("SigningKeys[a]");
  }

  private static void refuses(String text, String because) {
    assertThatThrownBy(() -> SigningKeys.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(because)
        .hasMessageNotContaining(SECRET);
  }
}
