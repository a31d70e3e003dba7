package dev.sallyport.user.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.user.HandClock;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RememberedTest {
  private final HandClock clock = new HandClock();
  private final Remembered remembered = new Remembered(100, clock);

  @Test
  void aCredentialIsRememberedForAMinute() {
    var ada = principal(Duration.ofMinutes(15));
    remembered.remember("token", ada);
    clock.advance(Duration.ofSeconds(60).minusMillis(1));
    assertThat(remembered.find("token")).isEqualTo(ada);
    clock.advance(Duration.ofMillis(1));
    assertThat(remembered.find("token")).isNull();
  }

  @Test
  void aCredentialIsNeverRememberedPastItsOwnEnd() {
    remembered.remember("token", principal(Duration.ofSeconds(5)));
    clock.advance(Duration.ofSeconds(5).minusMillis(1));
    assertThat(remembered.find("token")).isNotNull();
    clock.advance(Duration.ofMillis(1));
    assertThat(remembered.find("token")).isNull();
  }

  @Test
  void onlyTheVeryCredentialIsFound() {
    remembered.remember("token", principal(Duration.ofMinutes(15)));
    assertThat(remembered.find("token ")).isNull();
    assertThat(remembered.find("Token")).isNull();
    assertThat(remembered.find("")).isNull();
  }

  @Test
  void noMoreAreRememberedThanThereIsRoomFor() {
    var ada = principal(Duration.ofMinutes(15));
    IntStream.range(0, 10_000).forEach(i -> remembered.remember("token-" + i, ada));
    // What is too much is dropped beside the callers, soon after.
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (found() > 100 && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertThat(found()).isBetween(1L, 100L);
  }

  private long found() {
    return IntStream.range(0, 10_000).filter(i -> remembered.find("token-" + i) != null).count();
  }

  private Principal principal(Duration left) {
    return new Principal("ada", "user", "session", clock.instant().plus(left), false);
  }
}
