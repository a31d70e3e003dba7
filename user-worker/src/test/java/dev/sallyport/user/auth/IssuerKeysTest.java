package dev.sallyport.user.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.user.HandClock;
import io.vertx.core.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jose4j.jwk.JsonWebKey;
import org.junit.jupiter.api.Test;

class IssuerKeysTest {
  private final HandClock clock = new HandClock();
  private final Deque<CompletableFuture<String>> asked = new ArrayDeque<>();
  private final IssuerKeys keys = new IssuerKeys("other", this::ask, clock);
  private int questions;

  private CompletionStage<String> ask() {
    questions++;
    var answer = new CompletableFuture<String>();
    asked.add(answer);
    return answer;
  }

  private static String set(String kid) {
    return "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\",\"kid\":\"" + kid + "\"}]}";
  }

  private void answer(String kid) {
    asked.remove().complete(set(kid));
  }

  private void fail() {
    asked.remove().completeExceptionally(new IOException("away"));
  }

  private static List<String> kids(Future<List<JsonWebKey>> found) {
    assertThat(found.succeeded()).isTrue();
    return found.result().stream().map(JsonWebKey::getKeyId).toList();
  }

  private void load() {
    var first = keys.withKey("a");
    answer("a");
    assertThat(kids(first)).containsExactly("a");
    assertThat(questions).isEqualTo(1);
  }

  @Test
  void manyWhoNeedThemAtOnceAskOnce() {
    var one = keys.withKey("a");
    var other = keys.withKey("b");
    assertThat(questions).isEqualTo(1);
    answer("a");
    assertThat(kids(one)).containsExactly("a");
    assertThat(kids(other)).containsExactly("a");
  }

  @Test
  void whatIsFreshIsNotAskedFor() {
    load();
    clock.advance(IssuerKeys.FRESH_FOR);
    assertThat(kids(keys.withKey("a"))).containsExactly("a");
    assertThat(questions).isEqualTo(1);
  }

  @Test
  void whatIsNotFreshIsReadAgainBesideTheRequest() {
    load();
    clock.advance(IssuerKeys.FRESH_FOR.plusSeconds(1));
    assertThat(kids(keys.withKey(null))).containsExactly("a");
    assertThat(questions).isEqualTo(2);
    answer("b");
    assertThat(kids(keys.withKey("b"))).containsExactly("b");
  }

  @Test
  void anUnknownKeyIsLookedForEveryTenSecondsAtTheMost() {
    load();
    assertThat(kids(keys.withKey("b"))).containsExactly("a");
    assertThat(questions).isEqualTo(1);
    clock.advance(IssuerKeys.LOOK_AGAIN_AFTER);
    var found = keys.withKey("b");
    assertThat(questions).isEqualTo(2);
    answer("b");
    assertThat(kids(found)).containsExactly("b");
    for (int i = 0; i < 100; i++) {
      keys.withKey("made up " + i);
    }
    assertThat(questions).isEqualTo(2);
  }

  @Test
  void theLastGoodOnesHoldForADayWhileTheIssuerIsAway() {
    load();
    clock.advance(IssuerKeys.BELIEVED_FOR);
    assertThat(kids(keys.withKey("a"))).containsExactly("a");
    fail();
    clock.advance(Duration.ofSeconds(1));
    assertThat(keys.withKey("a").failed()).isTrue();
    clock.advance(IssuerKeys.LOOK_AGAIN_AFTER);
    var again = keys.withKey("a");
    answer("a");
    assertThat(kids(again)).containsExactly("a");
  }

  @Test
  void anUnknownKeyIsNotFoundWhileTheIssuerIsAwayAndTheOthersStay() {
    load();
    clock.advance(IssuerKeys.LOOK_AGAIN_AFTER);
    var found = keys.withKey("b");
    fail();
    assertThat(kids(found)).containsExactly("a");
  }

  @Test
  void whatIsNoKeySetCountsAsAway() {
    var first = keys.withKey("a");
    asked.remove().complete("<html>");
    assertThat(first.failed()).isTrue();
    assertThat(first.cause()).hasMessageContaining("store-down");
    assertThat(keys.withKey("a").failed()).isTrue();
    assertThat(questions).isEqualTo(1);
  }
}
