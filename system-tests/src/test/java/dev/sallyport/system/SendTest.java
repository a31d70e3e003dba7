package dev.sallyport.system;

import static dev.sallyport.system.Problems.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Sends to a queue while what they need goes away and comes back. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SendTest {
  private static final Duration BACK_WITHIN = Duration.ofSeconds(20);

  /** Five seconds, and what a busy machine takes to notice. */
  private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(7);

  private static final String QUEUE = "hand-made";

  private Deployment deployment;
  private String bearer;

  @BeforeAll
  void start() throws SQLException {
    deployment = Deployment.start(Deployment.Settings.quick("send"));
    HandMadeQueue.open(deployment, QUEUE, 3);
    bearer = deployment.accounts().newSession().bearer();
    await().atMost(BACK_WITHIN).until(() -> send("{\"body\":1}").status() == 202);
    assertThat(sendAll("{\"body\":1}").status()).isEqualTo(202);
  }

  @AfterAll
  void stop() {
    deployment.close();
  }

  private Answer send(String message) {
    return post("/messages", message);
  }

  private Answer sendAll(String messages) {
    return post("/batches", "{\"messages\":[" + messages + "]}");
  }

  private Answer post(String path, String json) {
    return deployment
        .userWorker()
        .http()
        .post("/api/queues/" + QUEUE + path, json, "Authorization", bearer);
  }

  private JsonNode refusedInTime(String what, String json) {
    long began = System.nanoTime();
    var problem = assertProblem(post(what, json), 503, "store-down");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(ANSWERED_WITHIN);
    assertThat(problem.required("retryable").asBoolean()).isTrue();
    return problem;
  }

  @Test
  void withoutTheBrokerTheAnswerNamesTheIdsToSendAgainWith() {
    deployment.stack().kafka().kill();
    String id;
    String first;
    try {
      id = refusedInTime("/messages", "{\"body\":1}").required("id").asText();
      assertThat(UUID.fromString(id).version()).isEqualTo(7);
      var ids =
          refusedInTime("/batches", "{\"messages\":[{\"body\":1},{\"body\":2,\"id\":\"own\"}]}");
      first = ids.required("ids").required(0).asText();
      assertThat(ids.required("ids").required(1).asText()).isEqualTo("own");
      // Twice: neither a producer that has failed before nor a new one waits longer.
      refusedInTime("/messages", "{\"body\":1,\"id\":\"" + id + "\"}");
      refusedInTime("/batches", "{\"messages\":[{\"body\":1}]}");
    } finally {
      deployment.stack().kafka().start();
    }
    var again = "{\"body\":1,\"id\":\"" + id + "\"}";
    await().atMost(BACK_WITHIN).until(() -> send(again).status() == 202);
    assertThat(send(again).json().required("id").asText()).isEqualTo(id);
    var batch = "{\"body\":1,\"id\":\"" + first + "\"},{\"body\":2,\"id\":\"own\"}";
    await().atMost(BACK_WITHIN).until(() -> sendAll(batch).status() == 202);
  }

  @Test
  void aBrokerThatHangsHoldsNothingElseUp() {
    deployment.stack().kafka().pause();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var sent = new ArrayList<CompletableFuture<Answer>>();
      for (int i = 0; i < 32; i++) {
        var what = i % 2 == 0 ? "/messages" : "/batches";
        var json = i % 2 == 0 ? "{\"body\":1}" : "{\"messages\":[{\"body\":1}]}";
        sent.add(CompletableFuture.supplyAsync(() -> post(what, json), threads));
      }
      for (int i = 0; i < 20; i++) {
        var ping = deployment.userWorker().http().within(Duration.ofSeconds(2)).get("/health");
        assertThat(ping.status()).isEqualTo(200);
      }
      for (var answer : sent) {
        assertProblem(answer.join(), 503);
      }
    } finally {
      deployment.stack().kafka().resume();
    }
    await().atMost(BACK_WITHIN).until(() -> send("{\"body\":1}").status() == 202);
    await().atMost(BACK_WITHIN).until(() -> sendAll("{\"body\":1}").status() == 202);
  }

  @Test
  void withoutRedisIdsAreTakenUnchecked() {
    var id = UUID.randomUUID();
    deployment.stack().redis().kill();
    try {
      for (int i = 0; i < 3; i++) {
        assertThat(send("{\"body\":" + i + ",\"id\":\"" + id + "\"}").status()).isEqualTo(202);
      }
      var metrics = deployment.userWorker().management().get("/q/metrics").body();
      assertThat(metrics)
          .containsPattern("sallyport_queue_ids_unchecked_total(\\{[^}]*})? ([3-9]|\\d{2})");
    } finally {
      deployment.stack().redis().start();
    }
    await().atMost(BACK_WITHIN).until(this::tellsContentsApart);
  }

  /** With an id of its own: one whose second content was the first to be compared is spent. */
  private boolean tellsContentsApart() {
    var id = UUID.randomUUID();
    return send("{\"body\":1,\"id\":\"" + id + "\"}").status() == 202
        && send("{\"body\":2,\"id\":\"" + id + "\"}").status() == 422;
  }

  @Test
  void aBodyOfAGigabyteIsRefusedBeforeItIsSent() {
    try (var socket = RawSocket.connect(deployment.userWorker().port())) {
      var answer =
          socket
              .send(
                  RawSocket.head(
                      "POST /api/queues/" + QUEUE + "/messages HTTP/1.1",
                      "Authorization: " + bearer,
                      "Content-Type: application/json",
                      "Content-Length: 1000000000"))
              .answer();
      assertThat(answer.status()).isEqualTo(413);
    }
  }
}
