package dev.sallyport.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextSealTest {
  private static final String A = "a:" + "A".repeat(43);
  private static final String B = "b:" + "B".repeat(42) + "A";

  private final TextSeal seal = new TextSeal(SigningKeys.parse(A), "test");

  @ParameterizedTest
  @ValueSource(strings = {"", "text", "two\nlines\n", "h\u00e9\ud83d\ude00\u0000"})
  void whatWasSealedIsOpened(String text) {
    assertThat(seal.open(seal.seal(text))).contains(text);
  }

  @Test
  void anotherTextKeyOrPurposeIsRefused() {
    var sealed = seal.seal("text");
    assertThat(seal.open(sealed + "x")).isEmpty();
    assertThat(seal.open(sealed.replace("text", "tekst"))).isEmpty();
    assertThat(seal.open(sealed.replace("kid=a", "kid=b"))).isEmpty();
    assertThat(new TextSeal(SigningKeys.parse(A), "other").open(sealed)).isEmpty();
    var sameName = new TextSeal(SigningKeys.parse(B.replace("b:", "a:")), "test");
    assertThat(sameName.open(sealed)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "text", "\n", "v1;kid=a;mac=\ntext", "v2;kid=a;mac=x\ntext", "v1;kid=a\ntext"})
  void whatIsNotSealedIsRefused(String text) {
    assertThat(seal.open(text)).isEmpty();
  }

  @Test
  void bothKeysOpenWhileTheyAreRotated() {
    var rotating = new TextSeal(SigningKeys.parse(B + "," + A), "test");
    assertThat(rotating.open(seal.seal("text"))).contains("text");
    assertThat(seal.open(rotating.seal("text"))).as("a worker with the old key alone").isEmpty();
    assertThat(new TextSeal(SigningKeys.parse(B), "test").open(rotating.seal("text")))
        .contains("text");
  }
}
