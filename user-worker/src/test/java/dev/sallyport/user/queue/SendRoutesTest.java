package dev.sallyport.user.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.local.StackResource;
import dev.sallyport.model.QueuedMessage;
import dev.sallyport.user.Json;
import dev.sallyport.user.ProblemShape;
import dev.sallyport.user.Visitor;
import dev.sallyport.user.Visitor.SignedIn;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(
    value = StackResource.class,
    initArgs = @ResourceArg(name = StackResource.WORKER, value = "user-worker"))
class SendRoutesTest {
  private static final String ORDERS = "/api/queues/orders/messages";
  private static final String BATCHES = "/api/queues/orders/batches";

  @TestHTTPResource("/")
  URI base;

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String kafka;

  private Visitor visitor;
  private SignedIn ada;

  @BeforeEach
  void openQueues() throws Exception {
    QueueTables.open(Map.of("orders", "users", "audit", "role:auditor", "lost", "users"));
    Log.create(kafka, "orders", "audit");
    visitor = new Visitor(base);
    ada = visitor.signUp();
  }

  @Test
  void aMessageIsInTheLogAsItWasSent() {
    try (var log = Log.open(kafka, "orders")) {
      var answer =
          visitor.post(
              ORDERS,
              "{\"key\":\"kä\",\"delay\":\"PT1M\",\"id\":\"i-1\",\"body\": {\"b\" : 1.0, \"ä\":[ ]} }",
              ada.byToken());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
      assertThat(answer.body()).isEqualTo("{\"id\":\"i-1\"}");
      assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
      var record = log.next();
      assertThat(record.key()).isEqualTo("kä");
      assertThat(record.message())
          .usingRecursiveComparison()
          .isEqualTo(
              new QueuedMessage(
                  "i-1",
                  ada.id(),
                  "kä",
                  Duration.ofMinutes(1),
                  "{\"b\" : 1.0, \"ä\":[ ]}".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }
  }

  @Test
  void aMessageWithoutAnIdGetsOne() {
    try (var log = Log.open(kafka, "orders")) {
      var id = accepted(visitor.post(ORDERS, "{\"body\":null}", ada.byToken())).get("id");
      assertThat(UUID.fromString(String.valueOf(id)).version()).isEqualTo(7);
      var record = log.next();
      assertThat(record.message().id()).isEqualTo(id);
      assertThat(record.key()).isEqualTo(id);
      assertThat(record.message().key()).isNull();
    }
  }

  @Test
  void messagesOfAKeyAreInTheLogInTheOrderTheyWereSent() {
    try (var log = Log.open(kafka, "orders")) {
      for (int i = 0; i < 50; i++) {
        accepted(visitor.post(ORDERS, "{\"key\":\"same\",\"body\":" + i + "}", ada.byToken()));
      }
      assertThat(log.next(50)).extracting(Log.Read::body).containsExactlyElementsOf(numbers(50));
    }
  }

  @Test
  void aBatchIsInTheLogInItsOrder() {
    try (var log = Log.open(kafka, "orders")) {
      var messages =
          String.join(
              ",", numbers(100).stream().map(i -> "{\"key\":\"b\",\"body\":" + i + "}").toList());
      var ids =
          (List<?>)
              accepted(visitor.post(BATCHES, "{\"messages\":[" + messages + "]}", ada.byToken()))
                  .get("ids");
      var read = log.next(100);
      assertThat(read).extracting(Log.Read::body).containsExactlyElementsOf(numbers(100));
      assertThat(read)
          .<Object>extracting(record -> record.message().id())
          .containsExactlyElementsOf(ids);
    }
  }

  @Test
  void aBatchWithOneMistakeIsNotSentAtAll() {
    try (var log = Log.open(kafka, "orders")) {
      var problem =
          ProblemShape.of(
              visitor.post(
                  BATCHES,
                  "{\"messages\":[{\"body\":1},{\"body\":2,\"delay\":\"soon\"}]}",
                  ada.byToken()),
              422,
              "invalid");
      assertThat(problem.get("errors")).asString().contains("messages[1].delay");
      accepted(visitor.post(ORDERS, "{\"body\":3}", ada.byToken()));
      assertThat(log.next().body()).isEqualTo("3");
    }
  }

  @Test
  void whatCannotBeSentToIsNotThere() {
    for (var queue : List.of("nowhere", "UPPER", "a.b", "x".repeat(64), "audit")) {
      for (var path : List.of("messages", "batches")) {
        ProblemShape.of(
            visitor.post("/api/queues/" + queue + "/" + path, "not even JSON", ada.byToken()),
            404,
            "not-found");
      }
    }
  }

  @Test
  void aRolesQueueTakesMessagesOfAdmins() {
    var root = visitor.signIn("root@example.org", "root has a password");
    accepted(visitor.post("/api/queues/audit/messages", "{\"body\":1}", root.byToken()));
  }

  @Test
  void aQueueThatIsOpenedOrClosedIsSeenSoon() throws Exception {
    var name = "q" + UUID.randomUUID();
    Log.create(kafka, name);
    var path = "/api/queues/" + name + "/messages";
    ProblemShape.of(visitor.post(path, "{\"body\":1}", ada.byToken()), 404, "not-found");
    QueueTables.open(Map.of(name, "users"));
    await(path, 202);
    QueueTables.close(name);
    await(path, 404);
  }

  private void await(String path, int status) {
    long until = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    int last;
    do {
      last = visitor.post(path, "{\"body\":1}", ada.byToken()).statusCode();
    } while (last != status && System.nanoTime() < until);
    assertThat(last).isEqualTo(status);
  }

  @Test
  void onlyWhoIsSignedInSends() {
    ProblemShape.of(visitor.post(ORDERS, "{\"body\":1}"), 401, "unauthenticated");
    accepted(
        visitor.post(ORDERS, "{\"body\":1}", "Cookie", ada.cookie(), "Origin", visitor.origin()));
    ProblemShape.of(
        visitor.post(ORDERS, "{\"body\":1}", "Cookie", ada.cookie()), 403, "origin-refused");
  }

  @Test
  void otherMethodsAndTypesAreRefused() {
    ProblemShape.of(visitor.get(ORDERS, ada.byToken()), 405, "method-not-allowed");
    ProblemShape.of(
        visitor.send(
            "POST",
            ORDERS,
            BodyPublishers.ofString("{\"body\":1}"),
            "Content-Type",
            "text/plain",
            "Authorization",
            "Bearer " + ada.token()),
        415,
        "unsupported-media-type");
    ProblemShape.of(
        visitor.send(
            "POST", ORDERS, BodyPublishers.noBody(), "Authorization", "Bearer " + ada.token()),
        400,
        "bad-json");
  }

  @Test
  void whatIsTooLargeIsRefused() {
    var large = "{\"body\":\"" + "x".repeat(QueuedMessage.BODY_BYTES_MAX) + "\"}";
    ProblemShape.of(visitor.post(ORDERS, large, ada.byToken()), 413, "too-large");
    var most = "{\"body\":\"" + "x".repeat(QueuedMessage.BODY_BYTES_MAX - 2) + "\"}";
    accepted(visitor.post(ORDERS, most, ada.byToken()));
    var huge = "{\"body\":\"" + "x".repeat(1 << 20) + "\"}";
    ProblemShape.of(visitor.post(ORDERS, huge, ada.byToken()), 413, "too-large");
  }

  /** Where Redis was late a moment ago, ids go unchecked for a second. */
  private void untilIdsAreCompared() {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!areIdsCompared()) {
      assertThat(System.nanoTime()).as("ids are compared within 20 s").isLessThan(deadline);
    }
  }

  private boolean areIdsCompared() {
    var id = UUID.randomUUID();
    accepted(visitor.post(ORDERS, "{\"id\":\"" + id + "\",\"body\":1}", ada.byToken()));
    var other = visitor.post(ORDERS, "{\"id\":\"" + id + "\",\"body\":2}", ada.byToken());
    return other.statusCode() == 422;
  }

  @Test
  void anIdIsGoodForOneContent() {
    untilIdsAreCompared();
    var id = UUID.randomUUID().toString();
    var sent = "{\"id\":\"" + id + "\",\"body\":1}";
    for (int i = 0; i < 2; i++) {
      assertThat(accepted(visitor.post(ORDERS, sent, ada.byToken()))).containsEntry("id", id);
    }
    for (var other :
        List.of("\"body\":2", "\"body\":1,\"key\":\"k\"", "\"body\":1,\"delay\":\"PT1S\"")) {
      var problem =
          ProblemShape.of(
              visitor.post(ORDERS, "{\"id\":\"" + id + "\"," + other + "}", ada.byToken()),
              422,
              "invalid");
      assertThat(problem.get("errors")).asString().contains("field=id");
    }
    var inBatch = "{\"messages\":[{\"body\":1},{\"body\":2,\"id\":\"" + id + "\"}]}";
    assertThat(
            ProblemShape.of(visitor.post(BATCHES, inBatch, ada.byToken()), 422, "invalid")
                .get("errors"))
        .asString()
        .contains("field=messages[1].id");
    // Of another sender it is another id.
    accepted(
        visitor.post(ORDERS, "{\"id\":\"" + id + "\",\"body\":2}", visitor.signUp().byToken()));
  }

  @Test
  void anIdInABatchIsGoodForOneContent() {
    untilIdsAreCompared();
    var twice = "{\"messages\":[{\"body\":1,\"id\":\"t\"},{\"body\":%,\"id\":\"t\"}]}";
    var ids = accepted(visitor.post(BATCHES, twice.replace("%", "1"), ada.byToken())).get("ids");
    assertThat(ids).isEqualTo(List.of("t", "t"));
    ProblemShape.of(visitor.post(BATCHES, twice.replace("%", "2"), ada.byToken()), 422, "invalid");
  }

  @Test
  void aQueueWithoutATopicAnswersSoonAndNamesTheId() {
    long began = System.nanoTime();
    var problem =
        Json.object(
            visitor.post("/api/queues/lost/messages", "{\"body\":1}", ada.byToken()).body());
    assertThat(problem)
        .containsEntry("status", 503)
        .containsEntry("retryable", true)
        .containsEntry("type", "urn:sallyport:problem:store-down")
        .hasEntrySatisfying("id", id -> assertThat(id).asString().hasSize(36));
    var batch =
        Json.object(
            visitor
                .post(
                    "/api/queues/lost/batches",
                    "{\"messages\":[{\"body\":1,\"id\":\"mine\"}]}",
                    ada.byToken())
                .body());
    assertThat(batch).containsEntry("status", 503).containsEntry("ids", List.of("mine"));
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
  }

  private static Map<String, Object> accepted(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    return Json.object(answer.body());
  }

  private static List<String> numbers(int count) {
    return IntStream.range(0, count).mapToObj(Integer::toString).toList();
  }
}
