package dev.sallyport.system;

import static dev.sallyport.system.Problems.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A ticket opens one socket, at whichever worker it is shown. */
@ExtendWith(SharedDeployment.class)
class TicketsTest {
  private static final String ECHO = "/api/internal/echo/socket";
  private static final int TRIES = 10;

  private final Deployment deployment;
  private final Accounts.Session session;
  private final Worker other;

  TicketsTest(Deployment deployment) {
    this.deployment = deployment;
    this.session = deployment.accounts().newSession();
    this.other =
        deployment.anotherUserWorker(
            "user-worker-for-tickets", deployment.dataWorker().url(), Map.of());
  }

  @AfterEach
  void stop() {
    other.close();
  }

  private static String ticket(Worker worker, String bearer) {
    var made = worker.http().post("/auth/tickets", "", "Authorization", bearer);
    assertThat(made.status()).as(made.toString()).isEqualTo(201);
    assertThat(made.json().required("expiresIn").asInt()).isEqualTo(30);
    return made.json().required("ticket").asText();
  }

  @Test
  void whatOneWorkerMadeOpensASocketAtAnotherAndIsInNobodysLog() {
    var ticket = ticket(deployment.userWorker(), session.bearer());
    try (var socket = WsClient.open(other.port(), ECHO + "?ticket=" + ticket)) {
      assertThat(socket.upgraded()).as(socket.answer().text()).isTrue();
      assertThat(socket.text("in").nextFrame().text()).isEqualTo("in");
    }
    try (var socket = WsClient.open(other.port(), ECHO + "?ticket=" + ticket)) {
      assertProblem(socket.answer().plain(), 401, "unauthenticated");
    }
    for (var worker : List.of(deployment.userWorker(), other, deployment.dataWorker())) {
      assertThat(worker.log()).doesNotContain(ticket);
    }
  }

  @Test
  void ofTwoWorkersThatAreShownATicketAtOnceOneTakesIt() throws Exception {
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < TRIES; i++) {
        var target = ECHO + "?ticket=" + ticket(other, session.bearer());
        var shown =
            executor.invokeAll(
                List.of(opens(deployment.userWorker(), target), opens(other, target)));
        assertThat(List.of(shown.get(0).get(), shown.get(1).get()))
            .containsExactlyInAnyOrder(101, 401);
      }
    }
  }

  private static Callable<Integer> opens(Worker worker, String target) {
    return () -> {
      try (var socket = WsClient.open(worker.port(), target)) {
        return socket.answer().status();
      }
    };
  }

  @Test
  void thePrivateSideIsToldTheRestOfTheTargetAsItCame(Gate gate) {
    var target = "/api/internal/" + Gate.marker();
    var ticket = ticket(gate.userWorker(), gate.session().bearer());
    try (var socket =
        WsClient.open(
            gate.userWorker().port(),
            target + "?epoch=a%2fB+c&ticket=" + ticket + "&offset=7",
            "Sec-WebSocket-Protocol: sallyport.room.v1")) {
      assertThat(socket.upgraded()).isFalse();
    }
    assertThat(gate.recorder().seen(target + "?epoch=a%2fB+c&offset=7"))
        .singleElement()
        .satisfies(seen -> {
          assertThat(seen.mentions(ticket)).isFalse();
          assertThat(seen.headers().all("Sec-WebSocket-Protocol"))
              .containsExactly("sallyport.room.v1");
          assertThat(seen.headers().all("X-User-Id"))
              .containsExactly(gate.session().account().id());
        });
  }
}
