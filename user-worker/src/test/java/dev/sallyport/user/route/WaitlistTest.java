package dev.sallyport.user.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.local.StackResource;
import dev.sallyport.user.ProblemShape;
import dev.sallyport.user.RawClient;
import dev.sallyport.user.Visitor;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(
    value = StackResource.class,
    initArgs = @ResourceArg(name = StackResource.WORKER, value = "user-worker"))
class WaitlistTest {
  private static final Pattern BUFFERS = Pattern.compile("(?:hit|read|dirtied|written)=([0-9]+)");

  @TestHTTPResource("/")
  URI base;

  @Inject Pool pool;

  private Visitor visitor;

  @BeforeEach
  void arrive() {
    visitor = new Visitor(base);
  }

  private RawClient.Answer ask(String method, String path, String host) {
    try (var client = new RawClient(visitor.port())) {
      client.send(method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
      return client.readAnswer();
    }
  }

  private static RowSet<Row> result(Future<RowSet<Row>> rows) throws Exception {
    return rows.toCompletionStage().toCompletableFuture().get(120, TimeUnit.SECONDS);
  }

  private long rows(String email) throws Exception {
    return result(
            pool.preparedQuery("SELECT count(*) FROM account.waitlist WHERE email = $1")
                .execute(Tuple.of(email)))
        .iterator()
        .next()
        .getLong(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/waitlist"})
  void aHostThatHasNothingYetHasThePage(String path) {
    var answer = ask("GET", path, "soon.example:8080");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.head())
        .containsIgnoringCase("content-type: text/html; charset=utf-8")
        .containsIgnoringCase("x-content-type-options: nosniff")
        .containsIgnoringCase("x-frame-options: DENY");
    assertThat(answer.body())
        .contains("<html lang=\"en\">", "<label for=\"email\">", "role=\"status\"")
        .doesNotContainPattern("\\son[a-z]+=|style=|src=");
  }

  @Test
  void thePagesPolicyNamesItsScriptAndStyleAndNothingElse() throws Exception {
    var answer = ask("GET", "/", "soon.example");
    var policy =
        answer
            .head()
            .lines()
            .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("content-security-policy:"))
            .findFirst()
            .orElseThrow();
    assertThat(policy)
        .contains("default-src 'none'", "connect-src 'self'", "frame-ancestors 'none'")
        .contains("script-src 'sha256-" + hash(answer.body(), "script") + "'")
        .contains("style-src 'sha256-" + hash(answer.body(), "style") + "'")
        .doesNotContain("unsafe");
  }

  private static String hash(String page, String element) throws Exception {
    var within =
        page.substring(
            page.indexOf("<" + element + ">") + element.length() + 2,
            page.indexOf("</" + element + ">"));
    return Base64.getEncoder()
        .encodeToString(
            MessageDigest.getInstance("SHA-256").digest(within.getBytes(StandardCharsets.UTF_8)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "127.0.0.1:8080", "LOCALHOST.", "[::1]:80"})
  void onOurOwnHostsThereIsNoPage(String host) {
    ProblemShape.of(ask("GET", "/", host).body(), 404, "not-found");
    ProblemShape.of(ask("GET", "/waitlist", host).body(), 404, "not-found");
  }

  @Test
  void otherPathsAndMethodsAreNotThere() {
    ProblemShape.of(ask("GET", "/any", "soon.example").body(), 404, "not-found");
    var refused = ask("DELETE", "/", "soon.example");
    ProblemShape.of(refused.body(), 405, "method-not-allowed");
    assertThat(refused.head()).containsIgnoringCase("allow: GET, HEAD, OPTIONS");
    var other = ask("DELETE", "/waitlist", "soon.example");
    assertThat(other.head()).containsIgnoringCase("allow: GET, POST, HEAD, OPTIONS");
  }

  @Test
  void whoLeavesAnAddressIsThankedAndTheSameForARepeat() throws Exception {
    var email = Visitor.freshEmail();
    for (var spelled : new String[] {email, email, " " + email.toUpperCase(Locale.ROOT) + " "}) {
      var answer = visitor.post("/waitlist", Map.of("email", spelled));
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
      assertThat(answer.body()).isEmpty();
    }
    assertThat(rows(email)).isOne();
  }

  @Test
  void manyOfOneAddressAtOnceAreOneRow() throws Exception {
    var email = Visitor.freshEmail();
    var calls = new ArrayList<Callable<Integer>>();
    for (int i = 0; i < 32; i++) {
      calls.add(() -> visitor.post("/waitlist", Map.of("email", email)).statusCode());
    }
    try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var call : callers.invokeAll(calls)) {
        assertThat(call.get()).isEqualTo(202);
      }
    }
    assertThat(rows(email)).isOne();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"email\":\"\"}",
        "{\"email\":\"ada\"}",
        "{\"email\":\"ada@\"}",
        "{\"email\":\"@example.org\"}",
        "{\"email\":\"a b@example.org\"}",
        "{\"email\":\"a@b@example.org\"}",
        "{\"email\":\"a\\u0000@example.org\"}",
        "{\"email\":\"\\ud800@example.org\"}",
        "{\"email\":null}",
        "{\"email\":5}",
        "{}",
        "{\"email\":\"ada@example.org\",\"more\":1}"
      })
  void aBadAddressIsInvalid(String body) {
    ProblemShape.of(visitor.post("/waitlist", body), 422, "invalid");
  }

  @Test
  void anAddressHasABound() {
    var longest = "a".repeat(242) + "@example.org";
    assertThat(visitor.post("/waitlist", Map.of("email", longest)).statusCode()).isEqualTo(202);
    ProblemShape.of(visitor.post("/waitlist", Map.of("email", "a" + longest)), 422, "invalid");
  }

  @Test
  void onlyJsonIsTakenAndNoForeignPageMaySendIt() {
    ProblemShape.of(visitor.post("/waitlist", "{"), 400, "bad-json");
    ProblemShape.of(
        visitor.send(
            "POST",
            "/waitlist",
            BodyPublishers.ofString("email=a@b"),
            "Content-Type",
            "application/x-www-form-urlencoded"),
        415,
        "unsupported-media-type");
    var body = Map.of("email", Visitor.freshEmail());
    ProblemShape.of(
        visitor.post("/waitlist", body, "Origin", "https://evil.example"), 403, "origin-refused");
    assertThat(visitor.post("/waitlist", body, "Origin", visitor.origin()).statusCode())
        .isEqualTo(202);
  }

  @Test
  void amongAMillionRowsAnInsertTouchesAHandfulOfPages() throws Exception {
    result(
        pool.query(
                "INSERT INTO account.waitlist (email)"
                    + " SELECT md5(i::text) || '@million.example' FROM generate_series(1, 1000000) i"
                    + " ON CONFLICT DO NOTHING")
            .execute());
    try {
      var email = Visitor.freshEmail();
      assertThat(pagesTouched(email)).isBetween(1, 60);
      assertThat(pagesTouched(email)).as("a repeat").isBetween(1, 60);
    } finally {
      result(
          pool.query("DELETE FROM account.waitlist WHERE email LIKE '%@million.example'")
              .execute());
    }
  }

  private int pagesTouched(String email) throws Exception {
    var plan =
        result(
            pool.query(
                    "EXPLAIN (ANALYZE, BUFFERS) "
                        + WaitlistSql.ADD.replace("$1", "'" + email + "'"))
                .execute());
    var text = new StringBuilder();
    plan.forEach(row -> text.append(row.getString(0)).append('\n'));
    var execution = text.substring(0, text.indexOf("Planning"));
    return BUFFERS
        .matcher(execution.lines().filter(it -> it.contains("Buffers:")).findFirst().orElseThrow())
        .results()
        .mapToInt(found -> Integer.parseInt(found.group(1)))
        .sum();
  }
}
