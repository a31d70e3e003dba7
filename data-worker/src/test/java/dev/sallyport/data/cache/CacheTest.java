package dev.sallyport.data.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.data.Eventually;
import dev.sallyport.data.cache.CacheStats.Source;
import dev.sallyport.data.cache.CacheStats.What;
import dev.sallyport.data.platform.RedisPatience;
import dev.sallyport.local.LocalStack;
import dev.sallyport.local.RedisNode;
import dev.sallyport.local.StackSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Three workers' caches on one Redis and one folder of blobs. */
class CacheTest {
  record Price(String sku, int cents) {}

  private static final CacheOptions OPTIONS =
      CacheOptions.freshFor(Duration.ofMinutes(1)).withLoadWithin(Duration.ofSeconds(8));

  /** The machine may be busy, and code is still cold. */
  private static final Duration PATIENT = Duration.ofSeconds(2);

  private static LocalStack stack;
  private static RedisNode redis;

  /** Not removed: a load that nobody waits for may still write there. */
  @TempDir(cleanup = CleanupMode.NEVER)
  Path blobs;

  private final List<Site> sites = new ArrayList<>();
  private List<Cache<Price>> caches = List.of();
  private Cache<Price> one;
  private Cache<Price> two;

  @BeforeAll
  static void startRedis(@TempDir Path directory) {
    stack = LocalStack.prepare(StackSettings.onFreePorts(directory));
    redis = stack.redis();
    redis.start();
  }

  @AfterAll
  static void stopRedis() {
    redis.stop();
  }

  @BeforeEach
  void start() {
    redis.start();
    for (int i = 0; i < 3; i++) {
      sites.add(new Site(redis.url(), blobs, PATIENT));
    }
    use(OPTIONS);
    sites.forEach(CacheTest::warm);
  }

  /** The first connection takes longer than a cache waits. */
  private static void warm(Site site) {
    var hot = new HotScript(site.link);
    Eventually.is("Redis answers", () -> hot.look("warm", patience()) instanceof HotTier.Missing);
  }

  private static RedisPatience patience() {
    return RedisPatience.of(Duration.ofSeconds(1));
  }

  private void use(CacheOptions options) {
    var name = "c" + UUID.randomUUID();
    caches = sites.stream().map(site -> site.caches.named(name, Price.class, options)).toList();
    one = caches.get(0);
    two = caches.get(1);
  }

  @AfterEach
  void end() {
    sites.forEach(Site::close);
  }

  @Test
  void aThousandMissesOfOneKeyOnThreeWorkersAreOneLoad() throws Exception {
    var loads = new AtomicInteger();
    var asked = new ArrayList<Future<Price>>();
    for (int i = 0; i < 1000; i++) {
      var cache = caches.get(i % 3);
      asked.add(later(() -> cache.get("pear", () -> slowly(loads, 100))));
    }
    for (var answer : asked) {
      assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo(new Price("pear", 1));
    }
    assertThat(loads).hasValue(1);
  }

  private static Price slowly(AtomicInteger loads, long millis) throws InterruptedException {
    int number = loads.incrementAndGet();
    var _ = new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
    return new Price("pear", number);
  }

  @Test
  void whatOneWorkerLoadedTheOthersGetFromTheHotTier() {
    one.get("pear", () -> new Price("pear", 1));
    assertThat(two.get("pear", CacheTest::never)).isEqualTo(new Price("pear", 1));
    assertThat(two.stats().answers(Source.HOT)).isOne();
    assertThat(two.stats().hitRatio()).isOne();
  }

  private static Price never() {
    throw new AssertionError("was loaded again");
  }

  @Test
  void aStaleValueIsServedWhileOneWorkerLoadsANewOne() {
    use(CacheOptions.freshFor(Duration.ofMillis(1)).withStaleFor(Duration.ofMinutes(1)));
    one.get("pear", () -> new Price("pear", 1));
    Eventually.is(
        "stale",
        () ->
            one.hot().look(one.hotKey("pear"), patience()) instanceof HotTier.Found found
                && found.left().toMillis() < 3_600_000 - 2);
    assertThat(two.get("pear", () -> new Price("pear", 2)).cents()).isOne();
    Eventually.is("the new one", () -> two.get("pear", () -> new Price("pear", 2)).cents() == 2);
    assertThat(two.stats().counted(What.STALE_SERVED)).isPositive();
  }

  @Test
  void thatThereIsNothingIsRememberedForAShortTime() {
    use(OPTIONS.withAbsentFor(Duration.ofMillis(300)));
    assertThat(one.find("plum", Optional::empty)).isEmpty();
    assertThat(two.find("plum", () -> Optional.of(never()))).isEmpty();
    Eventually.is(
        "forgotten", () -> two.find("plum", () -> Optional.of(new Price("plum", 1))).isPresent());
  }

  @Test
  void whatIsInvalidatedIsGoneFromBothTiersAndAllWorkers() {
    one.get("pear", () -> new Price("pear", 1));
    two.invalidate("pear");
    assertThat(one.get("pear", () -> new Price("pear", 2)).cents()).isEqualTo(2);
  }

  @Test
  void aLoadThatBeganBeforeAnInvalidationOverwritesNothing() throws Exception {
    var begun = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    var old =
        later(() ->
            one.get(
                "pear",
                () -> {
                  begun.countDown();
                  goOn.await();
                  return new Price("pear", 1);
                }));
    begun.await();
    two.invalidate("pear");
    assertThat(two.get("pear", () -> new Price("pear", 2)).cents()).isEqualTo(2);
    goOn.countDown();
    assertThat(old.get(10, TimeUnit.SECONDS).cents()).isOne();
    assertThat(one.get("pear", CacheTest::never).cents()).isEqualTo(2);
    assertThat(one.stats().counted(What.SUPERSEDED)).isOne();
    assertThat(one.cold().get(one.name(), "pear").map(Aged::entry).map(CacheTest::text))
        .hasValueSatisfying(text -> assertThat(text).contains("2"));
  }

  private static String text(Entry entry) {
    return new String(entry.json(), StandardCharsets.UTF_8);
  }

  @Test
  void whoJoinsALoadAfterAnInvalidationGetsTheNewValue() throws Exception {
    var begun = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    var first =
        later(() ->
            one.get(
                "pear",
                () -> {
                  begun.countDown();
                  goOn.await();
                  return new Price("pear", 1);
                }));
    begun.await();
    two.invalidate("pear");
    var joined = later(() -> one.get("pear", () -> new Price("pear", 2)));
    Eventually.is("joined", () -> joined.isDone() || first.isDone() || isParked(joined));
    goOn.countDown();
    assertThat(joined.get(10, TimeUnit.SECONDS).cents()).isEqualTo(2);
    assertThat(first.get(10, TimeUnit.SECONDS).cents()).isOne();
  }

  private static boolean isParked(Future<Price> task) {
    return ((Task) task).thread.getState() == Thread.State.TIMED_WAITING;
  }

  @Test
  void whatIsPutReplacesWhatIsBeingLoaded() throws Exception {
    var begun = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    var old =
        later(() ->
            one.get(
                "pear",
                () -> {
                  begun.countDown();
                  goOn.await();
                  return new Price("pear", 1);
                }));
    begun.await();
    two.put("pear", new Price("pear", 3));
    goOn.countDown();
    old.get(10, TimeUnit.SECONDS);
    assertThat(one.get("pear", CacheTest::never).cents()).isEqualTo(3);
  }

  @Test
  void whenALoadersWorkerDiesAnotherGoesOnWithinSeconds() {
    // As one that was killed leaves it: a lease that nobody renews.
    var lease = one.hot().claim(one.hotKey("pear"), "dead", patience());
    assertThat(lease).isInstanceOf(HotTier.Granted.class);
    long began = System.nanoTime();
    assertThat(two.get("pear", () -> new Price("pear", 2)).cents()).isEqualTo(2);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
    assertThat(one.get("pear", CacheTest::never).cents()).isEqualTo(2);
  }

  @Test
  void aLoadLongerThanTheLeaseKeepsIt() throws Exception {
    var loads = new AtomicInteger();
    var asked = new ArrayList<Future<Price>>();
    for (var cache : caches) {
      asked.add(later(() -> cache.get("pear", () -> slowly(loads, 4_000))));
    }
    for (var answer : asked) {
      answer.get(20, TimeUnit.SECONDS);
    }
    assertThat(loads).hasValue(1);
  }

  @Test
  void aLoaderThatTakesTooLongIsInterruptedAndHasFailed() {
    use(OPTIONS.withLoadWithin(Duration.ofMillis(200)));
    var interrupted = new CountDownLatch(1);
    assertThatThrownBy(() ->
            one.get(
                "pear",
                () -> {
                  try {
                    new CountDownLatch(1).await();
                  } catch (InterruptedException e) {
                    interrupted.countDown();
                  }
                  return new Price("pear", 1);
                }))
        .isInstanceOfSatisfying(
            CacheError.class, e -> assertThat(e.code()).isEqualTo(CacheError.Code.LOAD_TIMED_OUT));
    Eventually.is("interrupted", () -> interrupted.getCount() == 0);
  }

  @Test
  void aLoadersFailureIsTheCallersAndIsNotKept() {
    assertThatThrownBy(() -> one.get("pear", () -> throwing(new IllegalStateException("no"))))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> one.get("pear", () -> throwing(new IOException("no"))))
        .isInstanceOf(CacheError.class)
        .hasCauseInstanceOf(IOException.class);
    assertThat(two.get("pear", () -> new Price("pear", 1)).cents()).isOne();
  }

  private static <E extends Exception> Price throwing(E failure) throws E {
    throw failure;
  }

  @Test
  void whenTheLoaderFailsAnOldValueIsServed() {
    use(CacheOptions.freshFor(Duration.ofMillis(1)).withStaleFor(Duration.ZERO));
    one.get("pear", () -> new Price("pear", 1));
    Eventually.is("old", () -> two.get("pear", () -> throwing(new IOException("no"))).cents() == 1);
    redis.stop();
    redis.start();
    assertThat(two.stats().counted(What.LOAD_FAILURES)).isPositive();
  }

  @Test
  void withoutRedisTheColdTierAnswersAndAMetricSaysSo() {
    one.get("pear", () -> new Price("pear", 1));
    settle("pear");
    redis.stop();
    assertThat(two.get("pear", CacheTest::never).cents()).isOne();
    assertThat(two.stats().answers(Source.COLD)).isOne();
    assertThat(two.stats().counted(What.REDIS_UNAVAILABLE)).isPositive();
  }

  @Test
  void withoutRedisEachWorkerLoadsOnceAndThenAnswersFromMemory() {
    redis.stop();
    var loads = new AtomicInteger();
    for (int i = 0; i < 100; i++) {
      assertThat(one.get("pear", () -> slowly(loads, 1)).cents()).isOne();
    }
    assertThat(loads).hasValue(1);
    assertThat(one.stats().answers(Source.STANDBY)).isEqualTo(99);
  }

  @Test
  void aRedisThatIsSilentCostsAGetFiftyMillisecondsAtTheMost() {
    try (var site = new Site(redis.url(), blobs, Caches.REDIS_WITHIN)) {
      warm(site);
      Cache<Price> cache = site.caches.named("impatient", Price.class, OPTIONS);
      cache.get("pear", () -> new Price("pear", 1));
      redis.pause();
      try {
        for (int i = 0; i < 50; i++) {
          long began = System.nanoTime();
          cache.get("pear", () -> new Price("pear", 2));
          // Some for the machine.
          assertThat(Duration.ofNanos(System.nanoTime() - began))
              .isLessThan(Caches.REDIS_WITHIN.plusMillis(150));
        }
      } finally {
        redis.resume();
      }
      Eventually.is(
          "from the hot tier again",
          () -> {
            long before = cache.stats().answers(Source.HOT);
            cache.get("pear", () -> new Price("pear", 2));
            return cache.stats().answers(Source.HOT) > before;
          });
    }
  }

  @Test
  void aRedisThatCameBackEmptyIsFilledFromTheColdTier() {
    one.get("pear", () -> new Price("pear", 1));
    settle("pear");
    redisCli("FLUSHALL");
    assertThat(two.get("pear", CacheTest::never).cents()).isOne();
    assertThat(one.get("pear", CacheTest::never).cents()).isOne();
    assertThat(one.stats().answers(Source.HOT)).isOne();
  }

  @Test
  void aChangeThatRedisDoesNotConfirmIsSaidNotToBe() {
    redis.stop();
    assertThatThrownBy(() -> one.invalidate("pear"))
        .isInstanceOfSatisfying(
            CacheError.class, e -> assertThat(e.code()).isEqualTo(CacheError.Code.UNCONFIRMED));
  }

  @Test
  void whatIsNotOursInRedisCountsAsMissing() {
    redisCli("SET", "sallyport:cache:{" + one.hotKey("a") + "}:entry", "garbage");
    redisCli("SET", "sallyport:cache:{" + one.hotKey("b") + "}:entry", "1 0 60000 60000 V\n{]");
    redisCli("LPUSH", "sallyport:cache:{" + one.hotKey("c") + "}:entry", "x");
    redisCli("LPUSH", "sallyport:cache:{" + one.hotKey("d") + "}:lease", "x");
    redisCli("SET", "sallyport:cache:{" + one.hotKey("e") + "}:lease", "forever");
    for (var key : List.of("a", "b", "c", "d", "e")) {
      assertThat(one.get(key, () -> new Price(key, 1)).sku()).isEqualTo(key);
      assertThat(two.get(key, CacheTest::never).sku()).as(key).isEqualTo(key);
    }
  }

  @Test
  void aValueThatIsTooLargeIsGivenButNotKept() {
    use(OPTIONS.withBytesMax(100));
    var large = new Price("p".repeat(200), 1);
    assertThat(one.get("pear", () -> large)).isEqualTo(large);
    assertThat(one.stats().counted(What.TOO_LARGE)).isOne();
    assertThat(two.get("pear", () -> new Price("pear", 2)).cents()).isEqualTo(2);
    assertThatThrownBy(() -> one.put("pear", large)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aKeyHasABoundedLength() {
    for (var key : List.of("", "k".repeat(513), "\u00e9".repeat(257))) {
      assertThatThrownBy(() -> one.get(key, CacheTest::never))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void withoutBlobsTheLoaderAnswersAndAMetricSaysSo(@TempDir Path directory) throws Exception {
    var file = Files.createFile(directory.resolve("no-folder"));
    try (var site = new Site(redis.url(), file, PATIENT)) {
      warm(site);
      Cache<Price> cache = site.caches.named("other", Price.class, OPTIONS);
      assertThat(cache.get("pear", () -> new Price("pear", 1)).cents()).isOne();
      assertThat(cache.get("pear", CacheTest::never).cents()).isOne();
      Eventually.is(
          "counted", () -> site.metrics.counter("sallyport_cache_blobs_unavailable").count() > 0);
    }
  }

  /** Waits until whoever loaded this has written it everywhere. */
  private void settle(String key) {
    Eventually.is(
        "written",
        () -> redisCli("EXISTS", "sallyport:cache:{" + one.hotKey(key) + "}:lease").equals(":0"));
  }

  private static String redisCli(String... words) {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), redis.port())) {
      var request = new StringBuilder("*" + words.length + "\r\n");
      for (var word : words) {
        request.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
      }
      socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.UTF_8));
      var answer = new String(socket.getInputStream().readNBytes(2), StandardCharsets.UTF_8);
      assertThat(answer).containsAnyOf("+", ":");
      return answer;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Something under way on a virtual thread. */
  private static final class Task extends FutureTask<Price> {
    private final Thread thread = Thread.ofVirtual().unstarted(this);

    Task(Callable<Price> code) {
      super(code);
    }
  }

  private static Future<Price> later(Callable<Price> code) {
    var task = new Task(code);
    task.thread.start();
    return task;
  }
}
