package dev.sallyport.data.service.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.data.Eventually;
import dev.sallyport.data.Probe;
import dev.sallyport.data.platform.StatementRefused;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.queue.Messages;
import dev.sallyport.data.queue.NewMessage;
import dev.sallyport.local.StackResource;
import dev.sallyport.model.AuditedCalls;
import dev.sallyport.model.UuidV7;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The trail, from its queue to its table, and out of it when its time is over. */
@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class AuditTest {
  private static final Duration KEEP = Duration.ofDays(90);

  @TestHTTPResource(value = "/health/ready", management = true)
  URI ready;

  @Inject Messages messages;
  @Inject Transactions transactions;
  @Inject AuditSql sql;

  private final String path = "/api/internal/" + UUID.randomUUID();

  @BeforeEach
  void begin() {
    Probe.until(ready, 200);
  }

  private AuditedCalls.Call call(Instant at) {
    var id = new UuidV7(() -> at, new SecureRandom()).next();
    return new AuditedCalls.Call(
        id.toString(), at.toEpochMilli(), null, null, "B", "GET", path, "succeeded", 200, 1500);
  }

  private void send(AuditedCalls.Call... calls) {
    transactions.call(tx ->
        messages.send(
            tx,
            NewMessage.of(AuditedCalls.QUEUE, new AuditedCalls(List.of(calls)), "user-worker")));
  }

  private long count() {
    return transactions
        .execute("SELECT count(*) FROM audit.call WHERE path = $1", path)
        .iterator()
        .next()
        .getLong(0);
  }

  private static Instant now() {
    return InstantSource.system().instant();
  }

  @Test
  void aCallIsOneRowInHoweverManyMessagesItComes() {
    var one = call(now());
    var two = call(now());
    send(one, two);
    send(two);
    var last = call(now());
    send(last);
    Eventually.is("all are there", () -> count() == 3);
    var row =
        transactions
            .execute(
                "SELECT who, took_ms, at FROM audit.trail WHERE request_id = $1",
                UUID.fromString(one.id()))
            .iterator()
            .next();
    assertThat(row.getString(0)).isEqualTo("anonymous");
    assertThat(row.getBigDecimal(1)).isEqualByComparingTo("1.5");
    assertThat(row.getOffsetDateTime(2).toInstant().toEpochMilli()).isEqualTo(one.at());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE audit.call SET user_id = 'eve'",
        "DELETE FROM audit.call",
        "TRUNCATE audit.call"
      })
  void whatIsWrittenStays(String change) {
    assertThatThrownBy(() -> transactions.execute(change)).isInstanceOf(StatementRefused.class);
  }

  @Test
  void whoseTimeIsOverIsRemovedAndNobodyElse() {
    send(
        call(now()),
        call(now().minus(KEEP).minusSeconds(60)),
        call(now().minus(KEEP).plusSeconds(60)));
    Eventually.is("all are there", () -> count() == 3);
    assertThat(sql.deleteOld(KEEP, 100)).isPositive();
    assertThat(count()).isEqualTo(2);
    assertThat(sql.deleteOld(KEEP, 100)).isZero();
  }
}
