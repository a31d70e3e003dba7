package dev.sallyport.user.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.local.StackResource;
import dev.sallyport.user.HandClock;
import dev.sallyport.user.ProblemShape;
import dev.sallyport.user.Visitor;
import dev.sallyport.user.platform.Database;
import dev.sallyport.user.platform.ProblemException;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Future;
import jakarta.inject.Inject;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(
    value = StackResource.class,
    initArgs = @ResourceArg(name = StackResource.WORKER, value = "user-worker"))
class GuessesTest {
  @TestHTTPResource("/")
  URI base;

  @Inject GuessSql sql;
  @Inject Database database;
  @Inject AuthSettings settings;
  @Inject SecureRandom random;

  private final HandClock clock = new HandClock();
  private final String email = Visitor.freshEmail();
  private Visitor visitor;
  private Devices devices;
  private Guesses guesses;

  @BeforeEach
  void start() {
    visitor = new Visitor(base);
    devices = new Devices(settings, random, clock);
    guesses = new Guesses(sql, devices, database, clock);
  }

  /** Zero where the guess was looked at, else the seconds to wait. */
  private long guess(@Nullable String device) {
    try {
      assertThat(guesses.attempt(email, device, () -> false)).isFalse();
      return 0;
    } catch (ProblemException refused) {
      assertThat(refused.problem().type().status()).isEqualTo(429);
      return Long.parseLong(Objects.requireNonNull(refused.problem().retryAfterSeconds()));
    }
  }

  private long guess() {
    return guess(null);
  }

  @Test
  void afterFiveTheWaitDoublesUpToAQuarterOfAnHour() {
    for (int i = 0; i < Guesses.FREE; i++) {
      assertThat(guess()).isZero();
    }
    for (long wait : new long[] {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900}) {
      assertThat(guess()).isEqualTo(wait);
      clock.advance(Duration.ofSeconds(wait).minusMillis(1));
      assertThat(guess()).isEqualTo(1);
      clock.advance(Duration.ofMillis(1));
      assertThat(guess()).isZero();
    }
  }

  @Test
  void askingTooEarlyMakesTheWaitNoLonger() {
    for (int i = 0; i < Guesses.FREE; i++) {
      guess();
    }
    for (int i = 0; i < 50; i++) {
      assertThat(guess()).isEqualTo(1);
    }
    clock.advance(Duration.ofSeconds(1));
    assertThat(guess()).isZero();
  }

  @Test
  void aDayWithoutAGuessForgetsThem() {
    for (int i = 0; i < Guesses.FREE; i++) {
      guess();
    }
    clock.advance(Duration.ofDays(1).plusSeconds(1));
    for (int i = 0; i < Guesses.FREE; i++) {
      assertThat(guess()).isZero();
    }
    assertThat(guess()).isEqualTo(1);
  }

  @Test
  void whatIsRightOrWasNotLookedAtDoesNotCount() {
    for (int i = 0; i < 20; i++) {
      assertThat(guesses.attempt(email, null, () -> true)).isTrue();
      assertThatThrownBy(() ->
              guesses.attempt(
                  email,
                  null,
                  () -> {
                    throw new IllegalStateException("too busy");
                  }))
          .hasMessage("too busy");
    }
    assertThat(guess()).isZero();
  }

  @Test
  void ofAThousandAtOnceFiveAreLookedAt() throws Exception {
    var looked = new AtomicInteger();
    Callable<Boolean> one =
        () -> {
          try {
            return guesses.attempt(email, null, () -> looked.incrementAndGet() < 0);
          } catch (ProblemException refused) {
            return false;
          }
        };
    try (var threads = Executors.newFixedThreadPool(32)) {
      for (var done : threads.invokeAll(Collections.nCopies(1000, one))) {
        assertThat(done.get()).isFalse();
      }
    }
    assertThat(looked).hasValue(Guesses.FREE);
  }

  @Test
  void aKnownDeviceIsCountedOnItsOwnAndAForgedOneIsNot() {
    var device = devices.remember(email);
    for (int i = 0; i < Guesses.FREE; i++) {
      guess();
    }
    assertThat(guess()).isEqualTo(1);
    for (var forged :
        List.of(
            "",
            "x",
            devices.remember(Visitor.freshEmail()),
            device + "A",
            (device.startsWith("A") ? "B" : "A") + device.substring(1),
            device.replace(".1", ".2"))) {
      assertThat(guess(forged)).as(forged).isEqualTo(1);
    }
    for (int i = 0; i < Guesses.FREE; i++) {
      assertThat(guess(device)).isZero();
    }
    assertThat(guess(device)).isEqualTo(1);
    assertThat(guess(devices.remember(email))).isZero();
  }

  @Test
  void aDeviceIsForgottenAfterAYear() {
    var device = devices.remember(email);
    clock.advance(Devices.LIFETIME.minusSeconds(1));
    assertThat(devices.isOf(email, device)).isTrue();
    clock.advance(Duration.ofSeconds(1));
    assertThat(devices.isOf(email, device)).isFalse();
  }

  @Test
  void aStrangerLocksNobodyOutAndLearnsNothing() {
    var ada = visitor.signUp();
    var first = login(ada.email(), ada.password());
    var cookie =
        first.headers().allValues("Set-Cookie").stream()
            .filter(set -> set.startsWith(Devices.COOKIE + "="))
            .findFirst()
            .orElseThrow();
    assertThat(cookie).containsIgnoringCase(";HttpOnly").containsIgnoringCase(";SameSite=Lax");
    var device = cookie.split(";", 2)[0];
    var nobody = Visitor.freshEmail();
    for (int i = 0; i < Guesses.FREE; i++) {
      for (var address : List.of(ada.email(), nobody)) {
        ProblemShape.of(login(address, "wrong"), 401, "wrong-credentials");
      }
    }
    for (var address : List.of(ada.email(), nobody)) {
      ProblemShape.of(login(address, "wrong"), 429, "too-many-requests");
    }
    var again = login(ada.email(), ada.password(), "Cookie", device);
    assertThat(again.statusCode()).as(again.body()).isEqualTo(200);
    assertThat(again.headers().allValues("Set-Cookie")).hasSize(1);
    assertThat(visitor.me(ada.byToken())).isEqualTo(200);
  }

  private HttpResponse<String> login(String address, String password, String... headers) {
    return visitor.post("/auth/login", Map.of("email", address, "password", password), headers);
  }

  @Test
  void withoutPostgresNothingIsTried() {
    var away = new Guesses(new NoPostgres(), devices, database, clock);
    assertThatThrownBy(() -> away.attempt(email, null, () -> true))
        .hasMessageContaining("store-down");
  }

  /** A store that cannot be reached. */
  private static final class NoPostgres extends GuessSql {
    @SuppressWarnings("NullAway") // every use of the pool is overridden
    NoPostgres() {
      super(null);
    }

    @Override
    Future<Optional<Instant>> count(int slot, Instant now, int free, int waitSecondsMax) {
      return Future.failedFuture(new ConnectException("no Postgres"));
    }
  }
}
