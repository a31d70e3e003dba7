package dev.sallyport.user.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyEncryptionTest {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final KeyEncryption encryption = new KeyEncryption(key(32), RANDOM);

  @Test
  void whatIsSealedOpensAgain() {
    assertThat(encryption.open("kid", encryption.seal("kid", "{\"d\":\"\u00e9\"}")))
        .isEqualTo("{\"d\":\"\u00e9\"}");
  }

  @Test
  void theSameSecretIsNeverSealedTheSameWay() {
    var one = encryption.seal("kid", "secret");
    var other = encryption.seal("kid", "secret");
    assertThat(Arrays.copyOf(one, 12)).isNotEqualTo(Arrays.copyOf(other, 12));
    assertThat(one).isNotEqualTo(other);
    assertThat(new String(one, StandardCharsets.ISO_8859_1)).doesNotContain("secret");
  }

  @Test
  void oneSealedSecretCannotStandInForAnother() {
    var sealed = encryption.seal("kid", "secret");
    assertThatThrownBy(() -> encryption.open("other", sealed))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void whatWasChangedDoesNotOpen() {
    var sealed = encryption.seal("kid", "secret");
    for (int at = 0; at < sealed.length; at++) {
      var changed = sealed.clone();
      changed[at] ^= 1;
      assertThatThrownBy(() -> encryption.open("kid", changed))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void anotherKeySaysWhatToSet() {
    var sealed = encryption.seal("kid", "secret");
    var another = new KeyEncryption(key(32), RANDOM);
    assertThatThrownBy(() -> another.open("kid", sealed))
        .hasMessageContaining("sallyport.auth.key-encryption-key")
        .hasMessageContaining("kid")
        .hasMessageNotContaining("secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "short", "not base64!", "AAAA=AAAA"})
  void aKeyThatIsNoneSaysWhatToSet(String key) {
    assertThatThrownBy(() -> new KeyEncryption(key, RANDOM))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sallyport.auth.key-encryption-key")
        .hasMessageContaining("32 random bytes");
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 31, 33, 64})
  void aKeyHas32Bytes(int bytes) {
    assertThatThrownBy(() -> new KeyEncryption(key(bytes), RANDOM))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static String key(int length) {
    var bytes = new byte[length];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
