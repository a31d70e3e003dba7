package dev.sallyport.user.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.local.StackResource;
import dev.sallyport.user.Json;
import dev.sallyport.user.ProblemShape;
import dev.sallyport.user.RawClient;
import dev.sallyport.user.Visitor;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(
    value = StackResource.class,
    initArgs = @ResourceArg(name = StackResource.WORKER, value = "user-worker"))
@WithTestResource(value = FakeService.class, scope = TestResourceScope.MATCHING_RESOURCES)
class TicketsTest {
  @TestHTTPResource("/")
  URI base;

  @Inject Pool pool;

  private Visitor visitor;
  private Visitor.SignedIn ada;

  @BeforeEach
  void signIn() {
    visitor = new Visitor(base);
    ada = visitor.signUp();
  }

  private String ticket(String... credential) {
    var made = visitor.post("/auth/tickets", "", credential);
    assertThat(made.statusCode()).isEqualTo(201);
    var body = Json.object(made.body());
    assertThat(body).containsOnlyKeys("ticket", "expiresIn").containsEntry("expiresIn", 30);
    return String.valueOf(body.get("ticket"));
  }

  private String ticket() {
    return ticket(ada.byToken());
  }

  private RawClient.Answer ask(String query, String... headers) {
    try (var client = new RawClient(visitor.port())) {
      client.send(upgrade("socket" + query, headers));
      var head = client.readHead();
      return head.startsWith("HTTP/1.1 101 ")
          ? new RawClient.Answer(head, "")
          : new RawClient.Answer(head, body(client, head));
    }
  }

  private static String body(RawClient client, String head) {
    int length =
        head.lines()
            .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("content-length:"))
            .mapToInt(line -> Integer.parseInt(line.substring(line.indexOf(':') + 1).strip()))
            .findFirst()
            .orElse(0);
    return new String(client.readBytes(length), StandardCharsets.UTF_8);
  }

  private void refused(String query, String... headers) {
    var answer = ask(query, headers);
    assertThat(answer.status()).as(answer.head()).isEqualTo(401);
    ProblemShape.of(answer.body(), 401, "unauthenticated");
  }

  private static String upgrade(String path, String... headers) {
    var lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    return "GET "
        + FakeService.BASE
        + path
        + " HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        + lines
        + "\r\n";
  }

  @Test
  void aTicketOpensOneSocketWhoeverMadeIt() {
    for (var ticket :
        List.of(
            ticket(ada.byToken()), ticket("Cookie", ada.cookie(), "Origin", visitor.origin()))) {
      assertThat(ticket).matches("[A-Za-z0-9_-]{43}");
      assertThat(ask("?ticket=" + ticket).status()).isEqualTo(101);
      refused("?ticket=" + ticket);
    }
  }

  @Test
  void whoHasNoCredentialMakesNone() {
    ProblemShape.of(visitor.post("/auth/tickets", ""), 401, "unauthenticated");
    ProblemShape.of(
        visitor.post("/auth/tickets", "", "Cookie", ada.cookie()), 403, "origin-refused");
    ProblemShape.of(visitor.post("/auth/tickets?ticket=" + ticket(), ""), 401, "unauthenticated");
  }

  @Test
  void thePrivateSideSeesItsMakerAndTheRestOfTheQueryAsSent() {
    var ticket = ticket();
    try (var client = new RawClient(visitor.port())) {
      client.send(upgrade("seen-upgrade?epoch=a%2fB+c&ticket=" + ticket + "&offset=7"));
      var answer = client.readAnswer();
      assertThat(answer.body())
          .contains("\"target\":\"/api/internal/seen-upgrade?epoch=a%2fB+c&offset=7\"")
          .contains("\"x-user-id\":[\"" + ada.id() + "\"]")
          .doesNotContain("ticket", ticket);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 42, 44, 200, 6000})
  void garbageIsRefusedHoweverLong(int length) {
    refused("?ticket=" + "x".repeat(length));
    refused("?ticket=" + "%41".repeat(length / 3) + "=/?");
  }

  @Test
  void anUnknownTicketIsRefused() {
    refused("?ticket=" + "x".repeat(43));
    refused("?ticket");
  }

  @Test
  void aBadTicketIsNotMadeGoodByACookieAndAGoodOneNeedsNone() {
    var origin = "Origin: " + visitor.origin();
    refused("?ticket=" + "x".repeat(43), "Cookie: " + ada.cookie(), origin);
    assertThat(ask("?ticket=" + ticket(), "Cookie: " + ada.cookie(), origin).status())
        .isEqualTo(101);
    assertThat(ask("?ticket=" + ticket(), "Cookie: sallyport_session=x").status()).isEqualTo(101);
  }

  @Test
  void twoCredentialsAreOneTooManyAndUseNothingUp() {
    var ticket = ticket();
    refused("?ticket=" + ticket, "Authorization: Bearer " + ada.token());
    refused("?ticket=" + ticket + "&ticket=" + ticket);
    refused("?ticket=" + ticket + "&%74icket=" + ticket());
    assertThat(ask("?ticket=" + ticket).status()).isEqualTo(101);
  }

  @Test
  void anOrdinaryRequestIsNotLetInByATicket() {
    var ticket = ticket();
    ProblemShape.of(visitor.get("/api/internal/seen?ticket=" + ticket), 401, "unauthenticated");
    ProblemShape.of(visitor.get("/auth/me?ticket=" + ticket), 401, "unauthenticated");
    try (var client = new RawClient(visitor.port())) {
      client.send(upgrade("x?ticket=" + ticket).replace(FakeService.BASE + "x", "/auth/me"));
      ProblemShape.of(client.readAnswer().body(), 401, "unauthenticated");
    }
    assertThat(ask("?ticket=" + ticket).status()).isEqualTo(101);
  }

  @Test
  void anOrdinaryRequestKeepsItsParameters() {
    var seen = visitor.get("/api/internal/seen?ticket=train&a=1", ada.byToken());
    assertThat(Json.object(seen.body()))
        .containsEntry("target", "/api/internal/seen?ticket=train&a=1");
  }

  @Test
  void aTicketEndsWithItsSession() {
    var ticket = ticket();
    assertThat(visitor.post("/auth/logout", "", ada.byToken()).statusCode()).isEqualTo(204);
    refused("?ticket=" + ticket);
    ProblemShape.of(visitor.post("/auth/tickets", "", ada.byToken()), 401, "unauthenticated");
  }

  @Test
  void aSocketThatATicketOpenedEndsWithItsSession() {
    try (var client = new RawClient(visitor.port())) {
      client.send(upgrade("socket?ticket=" + ticket()));
      assertThat(client.readHead()).startsWith("HTTP/1.1 101 ");
      visitor.post("/auth/logout", "", ada.byToken());
      client.readToEnd();
    }
  }

  @Test
  void anExpiredTicketIsRefusedByTheDatabasesClock() throws Exception {
    var ticket = ticket();
    change(ticket, "expires_at - interval '30 seconds'");
    refused("?ticket=" + ticket);
    var other = ticket();
    change(other, "expires_at - interval '25 seconds'");
    assertThat(ask("?ticket=" + other).status()).isEqualTo(101);
  }

  private void change(String ticket, String expiry) throws Exception {
    var hash = MessageDigest.getInstance("SHA-256").digest(ticket.getBytes(StandardCharsets.UTF_8));
    var changed =
        pool.preparedQuery("UPDATE account.ticket SET expires_at = " + expiry + " WHERE hash = $1")
            .execute(Tuple.of(Buffer.buffer(hash)))
            .toCompletionStage()
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);
    assertThat(changed.rowCount()).isEqualTo(1);
  }

  @Test
  void ofManyThatUseATicketAtOnceOneWins() throws Exception {
    for (int round = 0; round < 5; round++) {
      var ticket = ticket();
      assertThat(atOnce(8, () -> ask("?ticket=" + ticket).status()))
          .containsOnlyOnce(101)
          .containsOnly(101, 401);
    }
  }

  private static <T> List<T> atOnce(int times, Callable<T> work) throws Exception {
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      var answers = new ArrayList<T>();
      for (var future : executor.invokeAll(Collections.nCopies(times, work))) {
        answers.add(future.get());
      }
      return answers;
    }
  }

  @Test
  void aSessionHasAHundredUnusedOnesAtTheMost() throws Exception {
    var first = ticket();
    for (int i = 1; i < 100; i++) {
      ticket();
    }
    var refused = visitor.post("/auth/tickets", "", ada.byToken());
    ProblemShape.of(refused, 429, "too-many-requests");
    assertThat(refused.headers().firstValue("Retry-After")).contains("30");
    assertThat(ask("?ticket=" + first).status()).isEqualTo(101);
    change(ticket(), "expires_at - interval '1 minute'");
    ticket();
    ProblemShape.of(visitor.post("/auth/tickets", "", ada.byToken()), 429, "too-many-requests");
    visitor.signIn(ada.email(), ada.password());
  }
}
