package dev.sallyport.data.platform;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A Postgres that takes connections and never says a word, as one that hangs does. */
class PostgresReadinessTest {
  private final BlockingQueue<Socket> connections = new LinkedBlockingQueue<>();
  private final Queue<Socket> all = new ConcurrentLinkedQueue<>();
  private final HandClock clock = new HandClock();

  private ServerSocket silent;
  private Vertx vertx;
  private PostgresReadiness readiness;

  @BeforeEach
  void listen() throws Exception {
    silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
    vertx = Vertx.vertx();
    var pool =
        PgBuilder.pool()
            .using(vertx)
            .connectingTo(
                new PgConnectOptions()
                    .setHost(silent.getInetAddress().getHostAddress())
                    .setPort(silent.getLocalPort()))
            .build();
    var postgres = new Postgres(pool);
    readiness =
        new PostgresReadiness(
            postgres, new Schema(vertx, postgres, new SimpleMeterRegistry()), clock);
  }

  @AfterEach
  void stop() throws Exception {
    silent.close();
    for (var connection : all) {
      connection.close();
    }
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private void accept() {
    try {
      while (true) {
        var connection = silent.accept();
        all.add(connection);
        connections.add(connection);
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  @Test
  void aProbeOfAHangingPostgresAnswersWithinItsPatience() {
    long began = System.nanoTime();
    assertThat(probe().getStatus()).isEqualTo(HealthCheckResponse.Status.DOWN);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void manyProbesShareOneQuestionUntilItIsGivenUp() throws Exception {
    probe();
    assertThat(nextConnection(Duration.ofSeconds(5))).isNotNull();
    clock.advance(PostgresReadiness.GIVEN_UP_AFTER.minusMillis(1));
    probe();
    assertThat(nextConnection(Duration.ZERO)).isNull();
    clock.advance(Duration.ofMillis(1));
    probe();
    assertThat(nextConnection(Duration.ofSeconds(5))).isNotNull();
  }

  private @Nullable Socket nextConnection(Duration within) throws InterruptedException {
    return connections.poll(within.toMillis(), TimeUnit.MILLISECONDS);
  }

  private HealthCheckResponse probe() {
    return readiness.call().await().atMost(Duration.ofSeconds(10));
  }

  private static final class HandClock extends Clock {
    private volatile Instant now = Instant.parse("2026-11-21T10:00:00Z");

    void advance(Duration by) {
      now = now.plus(by);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
