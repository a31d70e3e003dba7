package dev.sallyport.user.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.local.LocalStack;
import dev.sallyport.local.RedisNode;
import dev.sallyport.local.StackSettings;
import dev.sallyport.model.SigningKeys;
import dev.sallyport.user.HandClock;
import dev.sallyport.user.platform.ProblemException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Several user-workers' routes in one process, each with a file of its own, over one Redis. */
class RoutesTest {
  private static final String KEYS = "k:" + "A".repeat(43);
  private static final Instant EPOCH = Instant.parse("2026-11-21T11:00:00Z");

  private static Vertx vertx;
  private static RedisNode node;

  private final HandClock clock = new HandClock();
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private Redis redis;

  @TempDir Path directory;

  @BeforeAll
  static void prepare(@TempDir Path stack) {
    vertx = Vertx.vertx();
    node = LocalStack.prepare(StackSettings.onFreePorts(stack)).redis();
  }

  @AfterAll
  static void end() {
    node.stop();
    vertx.close();
  }

  @BeforeEach
  void connect() {
    node.start();
    redis = Redis.createClient(vertx, new RedisOptions().setConnectionString(node.url()));
    command(Command.DEL, RouteScript.KEY);
  }

  @AfterEach
  void disconnect() {
    redis.close();
  }

  private Path file(String worker) {
    return directory.resolve(worker + ".json");
  }

  private void write(String worker, int minute, String text) {
    try {
      Files.writeString(file(worker), text);
      Files.setLastModifiedTime(
          file(worker), FileTime.from(EPOCH.plus(Duration.ofMinutes(minute))));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String to(String binding, String... keys) {
    return routes("", binding, keys);
  }

  private static String routes(String more, String binding, String... keys) {
    return "{" + more + "\"routes\":[" + entries(binding, keys) + "]}";
  }

  private static String entries(String binding, String... keys) {
    return List.of(keys).stream()
        .map(key ->
            "{\""
                + (key.startsWith("/") ? "path" : "domain")
                + "\":\""
                + key
                + "\",\"binding\":\""
                + binding
                + "\",\"requirement\":\"anonymous\"}")
        .collect(Collectors.joining(","));
  }

  private Routes worker(String name) {
    return worker(name, KEYS, Set.of("A", "B"));
  }

  private Routes worker(String name, @Nullable String keys, Set<String> bindings) {
    var settings =
        new RouteSettings() {
          @Override
          public Routing routes() {
            return () -> Optional.of(file(name));
          }

          @Override
          public List<String> hosts() {
            return List.of("localhost", "127.0.0.1", "[::1]");
          }
        };
    var targets =
        new RouteTargets() {
          @Override
          public boolean has(String binding) {
            return bindings.contains(binding);
          }

          @Override
          public Optional<SigningKeys> signingKeys() {
            return Optional.ofNullable(keys).map(SigningKeys::parse);
          }
        };
    var routes =
        new Routes(settings, targets, new RouteScript(() -> redis), clock, clock, vertx, metrics);
    result(routes.refresh());
    return routes;
  }

  private static <T> T result(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private void command(Command command, String... arguments) {
    var request = Request.cmd(command);
    for (var argument : arguments) {
      request.arg(argument);
    }
    result(redis.send(request).map(done -> true));
  }

  private String inRedis() {
    return result(
        redis
            .send(Request.cmd(Command.GET).arg(RouteScript.KEY))
            .map(answer -> answer == null ? "null" : answer.toString()));
  }

  private static String target(Routes routes, String path, @Nullable String host) {
    return switch (routes.match(path, host)) {
      case RouteMatch.Routed(var route) -> route.binding();
      case RouteMatch.Waitlist() -> "waitlist";
      case RouteMatch.Nowhere() -> "nowhere";
    };
  }

  private double gauge(String name) {
    return metrics.get(name).gauge().value();
  }

  @ParameterizedTest
  @CsvSource({
    "/p, other.example, A",
    "/p, shop.example, A",
    "/p/x, localhost, A",
    "/px, localhost, nowhere",
    "/%70, localhost, A",
    "/, shop.example, B",
    "/any, SHOP.EXAMPLE.:8443, B",
    "/, a.b.wild.example, B",
    "/, [::2]:80, B",
    "/, wild.example, waitlist",
    "/waitlist, other.example, waitlist",
    "/waitlist, shop.example, B",
    "/waitlist/, other.example, nowhere",
    "/any, other.example, nowhere",
    "/, localhost:8080, nowhere",
    "/, 127.0.0.1, nowhere",
    "/, [0:0:0:0:0:0:0:1]:8080, nowhere"
  })
  void pathsComeFirstThenHostsThenTheWaitlist(String path, String host, String where) {
    var hosts = entries("B", "shop.example", "*.wild.example", "[::2]");
    write("one", 0, "{\"routes\":[" + entries("A", "/p") + "," + hosts + "]}");
    assertThat(target(worker("one"), path, host)).isEqualTo(where);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api",
        "/api/internal/x",
        "/auth/other",
        "/app",
        "/demo/x",
        "/l/x",
        "/q/health",
        "/openapi",
        "/health",
        "/.well-known/x",
        "/%61pi/internal/x",
        "/%2ewell-known",
        "/h%65alth"
      })
  void whatIsThisWorkersOwnNeverReachesADomain(String path) {
    write("one", 0, to("A", "shop.example"));
    assertThat(target(worker("one"), path, "shop.example")).isEqualTo("nowhere");
  }

  @Test
  void withoutAHostThereIsNoDomainAndABadOneIsRefused() {
    write("one", 0, to("A", "shop.example", "/p"));
    var routes = worker("one");
    assertThat(target(routes, "/", null)).isEqualTo("nowhere");
    assertThat(target(routes, "/", "")).isEqualTo("nowhere");
    assertThat(target(routes, "/p", "a b")).as("nobody asks for it").isEqualTo("A");
    assertThatThrownBy(() -> routes.match("/", "a b")).isInstanceOf(ProblemException.class);
  }

  @Test
  void withoutAFileThereAreNoRoutes() {
    var routes = worker("none");
    assertThat(target(routes, "/p", "localhost")).isEqualTo("nowhere");
    assertThat(routes.neverUsable()).isEmpty();
    assertThat(inRedis()).isEqualTo("null");
  }

  @Test
  void aChangedFileIsTakenAndARemovedOneTakesItsRoutesAway() throws IOException {
    write("one", 0, to("A", "/p"));
    var routes = worker("one", null, Set.of("A", "B"));
    write("one", 1, to("B", "/p"));
    assertThat(target(routes, "/p", null)).as("until it is looked at").isEqualTo("A");
    result(routes.refresh());
    assertThat(target(routes, "/p", null)).isEqualTo("B");
    Files.delete(file("one"));
    result(routes.refresh());
    assertThat(target(routes, "/p", null)).isEqualTo("nowhere");
    assertThat(gauge("sallyport_route_table_size")).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "{\"routes\":[{}]}", "{\"routes\":[]}{}"})
  void aBrokenFileLeavesTheRoutesAndIsSeenInTheMetric(String broken) {
    write("one", 0, to("A", "/p"));
    var routes = worker("one");
    assertThat(gauge("sallyport_route_file_usable")).isOne();
    write("one", 1, broken);
    for (int i = 0; i < 3; i++) {
      result(routes.refresh());
      assertThat(target(routes, "/p", null)).isEqualTo("A");
      assertThat(gauge("sallyport_route_file_usable")).isZero();
    }
    assertThat(routes.neverUsable()).isEmpty();
    write("one", 2, to("A", "/p"));
    result(routes.refresh());
    assertThat(gauge("sallyport_route_file_usable")).isOne();
  }

  @Test
  void aWorkerThatBeginsWithABrokenFileIsNotReadyUntilSomebodyKnowsBetter() {
    write("broken", 5, "{");
    var broken = worker("broken");
    assertThat(broken.neverUsable()).hasValueSatisfying(why -> assertThat(why).contains("line 1"));
    write("good", 0, to("A", "/p"));
    worker("good");
    result(broken.refresh());
    assertThat(broken.neverUsable()).isEmpty();
    assertThat(target(broken, "/p", null)).isEqualTo("A");
  }

  @Test
  void theLaterFileWinsAtAllWorkers() {
    write("one", 0, to("A", "/p"));
    var one = worker("one");
    write("two", 1, to("B", "/p"));
    var two = worker("two");
    result(one.refresh());
    assertThat(target(one, "/p", null)).isEqualTo("B");
    assertThat(target(two, "/p", null)).isEqualTo("B");
    write("one", 2, to("A", "/p"));
    result(one.refresh());
    result(two.refresh());
    assertThat(target(one, "/p", null)).isEqualTo("A");
    assertThat(target(two, "/p", null)).isEqualTo("A");
  }

  @Test
  void aHigherVersionWinsWhateverTheTime() {
    write("one", 0, routes("\"version\":2,", "A", "/p"));
    var one = worker("one");
    write("two", 5, routes("\"version\":1,", "B", "/p"));
    var two = worker("two");
    result(one.refresh());
    assertThat(target(one, "/p", null)).isEqualTo("A");
    assertThat(target(two, "/p", null)).isEqualTo("A");
  }

  @Test
  void twoFilesOfOneMomentEndWithOneOfThemAtBoth() {
    write("one", 0, to("A", "/p"));
    write("two", 0, to("B", "/p"));
    var one = worker("one");
    var two = worker("two");
    result(one.refresh());
    assertThat(target(one, "/p", null)).isEqualTo(target(two, "/p", null));
  }

  @Test
  void whoHasGoneSpeaksForNobodyAfterAWhile() {
    write("two", 1, to("B", "/p"));
    worker("two");
    write("one", 0, to("A", "/p"));
    var one = worker("one");
    assertThat(target(one, "/p", null)).isEqualTo("B");
    clock.advance(SharedRoutes.LASTS.plusSeconds(1));
    result(one.refresh());
    assertThat(target(one, "/p", null)).isEqualTo("A");
  }

  @Test
  void aFileFromTheFutureIsAsOldAsNow() {
    write("one", 60 * 24 * 365, to("A", "/p"));
    worker("one");
    clock.advance(Duration.ofMinutes(1));
    write("two", 61, to("B", "/p"));
    var two = worker("two");
    assertThat(target(two, "/p", null)).isEqualTo("B");
  }

  @Test
  void withoutRedisEachKeepsWhatItHas() {
    write("one", 0, to("A", "/p"));
    var one = worker("one");
    write("two", 1, to("B", "/p"));
    worker("two");
    result(one.refresh());
    node.stop();
    result(one.refresh());
    assertThat(target(one, "/p", null)).isEqualTo("B");
    write("one", 2, to("A", "/q2"));
    result(one.refresh());
    assertThat(target(one, "/q2", null)).as("its own file still counts").isEqualTo("A");
  }

  @Test
  void whatSomebodyElseWroteIntoRedisIsNotTakenAndIsReplaced() {
    write("one", 0, to("A", "/p"));
    var one = worker("one");
    var stolen = inRedis();
    var forgeries =
        List.of(
            to("B", "/p"),
            stolen.replace("\"A\"", "\"B\""),
            new SharedRoutes(
                    SigningKeys.parse("k:" + "B".repeat(42) + "A"),
                    new RouteReader(binding -> true),
                    clock)
                .seal(new Edition(9, clock.millis(), to("B", "/p"), RouteTable.EMPTY)),
            "x".repeat(RouteFile.BYTES_MAX * 2));
    for (var forged : forgeries) {
      command(Command.SET, RouteScript.KEY, forged);
      result(one.refresh());
      assertThat(target(one, "/p", null)).isEqualTo("A");
    }
    assertThat(metrics.get("sallyport_route_shared_refused").counter().count())
        .isEqualTo(forgeries.size());
    command(Command.SET, RouteScript.KEY, to("B", "/p"));
    result(one.refresh());
    assertThat(inRedis()).startsWith("v1;kid=k;mac=");
    command(Command.DEL, RouteScript.KEY);
    command(Command.LPUSH, RouteScript.KEY, "a list");
    result(one.refresh());
    assertThat(inRedis()).startsWith("v1;kid=k;mac=");
  }

  @Test
  void whatNamesABindingThatIsNotHereIsNotTaken() {
    write("two", 1, to("B", "/p"));
    worker("two");
    write("one", 0, to("A", "/p"));
    var one = worker("one", KEYS, Set.of("A"));
    assertThat(target(one, "/p", null)).isEqualTo("A");
  }

  @Test
  void anOldSealIsNoneAnyMore() {
    write("one", 5, to("A", "/p"));
    worker("one");
    var old = inRedis();
    clock.advance(SharedRoutes.LASTS.plusSeconds(1));
    command(Command.SET, RouteScript.KEY, old);
    write("two", 0, to("B", "/p"));
    assertThat(target(worker("two"), "/p", null)).isEqualTo("B");
  }

  @Test
  void withoutKeysNothingIsShared() {
    write("one", 0, to("A", "/p"));
    worker("one", null, Set.of("A"));
    assertThat(inRedis()).isEqualTo("null");
  }

  @Test
  void whatIsKnownIsNotWrittenAgain() {
    write("one", 0, to("A", "/p"));
    var one = worker("one");
    var first = inRedis();
    clock.advance(Duration.ofSeconds(10));
    result(one.refresh());
    assertThat(inRedis()).isEqualTo(first);
    clock.advance(SharedRoutes.SAID_AGAIN_AFTER);
    result(one.refresh());
    assertThat(inRedis()).isNotEqualTo(first);
  }
}
