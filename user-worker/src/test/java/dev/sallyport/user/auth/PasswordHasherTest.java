package dev.sallyport.user.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PasswordHasherTest {
  private final PasswordHasher hasher = new PasswordHasher(new SecureRandom());

  /**
   * From the tests of the reference implementation. RFC 9106's own vector has a secret and
   * associated data, which the text form cannot hold.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"
      })
  void hashesOfOtherImplementationsAndStrengthsVerify(String hash) {
    assertThat(hasher.matches("password", hash)).isTrue();
    assertThat(hasher.matches("Password", hash)).isFalse();
  }

  @Test
  void onlyTheSamePasswordMatches() {
    var hash = hasher.hash("correct horse \u00e9 \ud83d\udc0e");
    assertThat(hasher.matches("correct horse \u00e9 \ud83d\udc0e", hash)).isTrue();
    assertThat(hasher.matches("correct horse e\u0301 \ud83d\udc0e", hash)).isFalse();
    assertThat(hasher.matches("", hash)).isFalse();
  }

  @Test
  void aPasswordHasAnotherHashEachTimeAndNeverShowsInIt() {
    var hash = hasher.hash("password");
    assertThat(hash)
        .startsWith("$argon2id$v=19$m=19456,t=2,p=1$")
        .doesNotContain("password")
        .isNotEqualTo(hasher.hash("password"));
  }

  @Test
  void anUnknownAccountCostsWhatAWrongPasswordCosts() {
    var hash = hasher.hash("password");
    long wrong = memoryOfMatching("wrong", hash);
    long unknown = memoryOfMatching("wrong", null);
    assertThat(unknown).isGreaterThan(PasswordHasher.MEMORY_KIB * 1024L);
    assertThat((double) unknown / wrong).isBetween(0.95, 1.05);
  }

  private long memoryOfMatching(String password, @Nullable String hash) {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThat(hasher.matches(password, hash)).isFalse();
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "password",
        "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
      })
  void aStoredHashOfAnotherKindIsADefectNotAWrongPassword(String hash) {
    assertThatThrownBy(() -> hasher.matches("password", hash))
        .isInstanceOf(IllegalStateException.class);
  }
}
