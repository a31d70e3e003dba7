package dev.sallyport.data.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.data.Eventually;
import dev.sallyport.data.Json;
import dev.sallyport.data.Probe;
import dev.sallyport.data.UserWorker;
import dev.sallyport.data.platform.RedisAway;
import dev.sallyport.data.platform.RedisLink;
import dev.sallyport.data.platform.RedisPatience;
import dev.sallyport.data.platform.RedisScript;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.local.StackResource;
import dev.sallyport.model.SharedEntry;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class KvTest {
  private static final String SPACE = "test";
  private static final RedisScript GET = RedisScript.of("return redis.call('GET', KEYS[1])");
  private static final RedisScript FORGET =
      RedisScript.of("return redis.call('DEL', KEYS[1], KEYS[2])");

  @TestHTTPResource("/")
  URI base;

  @TestHTTPResource(value = "/health/ready", management = true)
  URI ready;

  @Inject Kv kv;
  @Inject KvScript script;
  @Inject RedisLink redis;
  @Inject Transactions transactions;

  @BeforeEach
  void start() {
    Probe.until(ready, 200);
  }

  private long put(String key, String value) throws Exception {
    return transactions.call(tx -> kv.put(tx, SPACE, key, value));
  }

  private @Nullable String inRedis(String key) {
    try {
      var found =
          redis.run(
              GET,
              List.of(SharedEntry.redisKey(SPACE, key)),
              List.of(),
              RedisPatience.of(Duration.ofSeconds(5)));
      return found == null ? null : found.toString();
    } catch (RedisAway e) {
      return null;
    }
  }

  private void untilRedisHas(String key, String entry) {
    Eventually.is(entry + " in Redis", () -> entry.equals(inRedis(key)));
  }

  @Test
  void aCommittedValueReachesRedis() throws Exception {
    long version = put("a", "one");
    untilRedisHas("a", version + " Vone");
    long next = put("a", "two");
    assertThat(next).isGreaterThan(version);
    untilRedisHas("a", next + " Vtwo");
  }

  @Test
  void whatIsRolledBackReachesNobody() throws Exception {
    assertThatThrownBy(() ->
            transactions.call(tx -> {
              kv.put(tx, SPACE, "b", "never");
              throw new IllegalStateException("rolled back on purpose");
            }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(kv.get(SPACE, "b")).isEqualTo(new Shared(0, null));
    put("b2", "later");
    Eventually.is("the next one in Redis", () -> inRedis("b2") != null);
    assertThat(inRedis("b")).isNull();
  }

  @Test
  void aDeletionIsAVersionOfItsOwn() throws Exception {
    put("c", "one");
    long gone = transactions.call(tx -> kv.delete(tx, SPACE, "c"));
    untilRedisHas("c", gone + " T");
    assertThat(kv.get(SPACE, "c")).isEqualTo(new Shared(gone, null));
  }

  @Test
  void anOlderVersionOverwritesNothingEvenWhereTheValueHasGone() throws Exception {
    long old = put("d", "one");
    long version = put("d", "two");
    untilRedisHas("d", version + " Vtwo");
    script.push(SPACE, "d", new Shared(old, "one"));
    assertThat(inRedis("d")).isEqualTo(version + " Vtwo");
    redis.run(
        FORGET,
        List.of(SharedEntry.redisKey(SPACE, "d"), SharedEntry.redisKey(SPACE, "x")),
        List.of(),
        RedisPatience.of(Duration.ofSeconds(5)));
    script.push(SPACE, "d", new Shared(old, "one"));
    assertThat(inRedis("d")).isNull();
    script.push(SPACE, "d", new Shared(version, "two"));
    assertThat(inRedis("d")).isEqualTo(version + " Vtwo");
  }

  @Test
  void nothingNeverReplacesAVersion() throws Exception {
    long version = put("e", "one");
    untilRedisHas("e", version + " Vone");
    script.push(SPACE, "e", new Shared(0, null));
    assertThat(inRedis("e")).isEqualTo(version + " Vone");
  }

  @Test
  void garbageInRedisIsReplaced() throws Exception {
    redis.run(
        RedisScript.of("return redis.call('LPUSH', KEYS[1], 'x')"),
        List.of(SharedEntry.redisKey(SPACE, "f")),
        List.of(),
        RedisPatience.of(Duration.ofSeconds(5)));
    long version = put("f", "one");
    untilRedisHas("f", version + " Vone");
  }

  @Test
  void aUserWorkerThatAsksIsToldAndRedisIsFilled() throws Exception {
    long version = put("g h/\u00e9", "one");
    untilRedisHas("g h/\u00e9", version + " Vone");
    redis.run(
        FORGET,
        List.of(
            SharedEntry.redisKey(SPACE, "g h/\u00e9"),
            SharedEntry.redisVersionKey(SPACE, "g h/\u00e9")),
        List.of(),
        RedisPatience.of(Duration.ofSeconds(5)));
    var asking = UserWorker.calling(base).forUser(SharedEntry.CALLER, "");
    var answer = asking.get("/api/internal/kv/test?key=g+h%2F%C3%A9");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(Json.object(answer.body())).containsEntry("value", "one");
    assertThat(inRedis("g h/\u00e9")).isEqualTo(version + " Vone");
  }

  @Test
  void thatThereIsNothingIsKeptForASecond() {
    var asking = UserWorker.calling(base).forUser(SharedEntry.CALLER, "");
    var answer = asking.get("/api/internal/kv/test?key=nothing");
    assertThat(Json.object(answer.body())).isEqualTo(Json.object("{\"version\":0}"));
    Eventually.is("forgotten", () -> inRedis("nothing") == null);
  }

  @Test
  void nobodyElseIsToldAnything() {
    var target = "/api/internal/kv/test?key=a";
    assertThat(UserWorker.calling(base).get(target).statusCode()).isEqualTo(404);
    assertThat(UserWorker.calling(base).forNobody().get(target).statusCode()).isEqualTo(404);
  }

  @Test
  void namesAndValuesAreBounded() {
    for (var key : List.of("", "k".repeat(257), "a\0")) {
      assertThatThrownBy(() -> kv.get(SPACE, key)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> kv.get("Test", "a")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> put("a", "v".repeat(64 * 1024 + 1)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
