package dev.sallyport.data.cron;

import static dev.sallyport.data.cron.ScheduleClient.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.data.Json;
import dev.sallyport.data.Probe;
import dev.sallyport.data.UserWorker;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.local.StackResource;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.enterprise.inject.Any;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Schedules over HTTP, and what they start. */
@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class ScheduleApiTest {
  private static final String STEPS = "{\"workflow\":\"sample-steps\",\"params\":{\"steps\":1}}";
  private static final String JOB = "{\"job\":\"test-job\"}";

  /** Never due while a test runs. */
  private static final String YEARLY = "{\"cron\":\"@yearly\",\"target\":" + JOB + "}";

  @TestHTTPResource("/")
  URI base;

  @TestHTTPResource(value = "/health/ready", management = true)
  URI ready;

  @Inject @Any TestJob job;
  @Inject Transactions transactions;
  @Inject Schedules schedules;

  private UserWorker worker;
  private ScheduleClient admin;
  private String name;

  @BeforeEach
  void call() {
    Probe.until(ready, 200);
    worker = UserWorker.calling(base);
    admin = new ScheduleClient(worker);
    name = "s" + System.nanoTime();
  }

  private static String in(long millis) {
    return "\"at\":\"" + Instant.now(Clock.systemUTC()).plusMillis(millis) + "\"";
  }

  @Test
  void whoIsNoAdminFindsNothing() {
    admin.made(name, YEARLY);
    var bob = new ScheduleClient(worker.forUser("bob", "user"));
    assertProblem(bob.get(""), 404, "not-found");
    assertProblem(bob.get("/" + name), 404, "not-found");
    assertProblem(bob.put(name, YEARLY), 404, "not-found");
    assertProblem(bob.delete(name), 404, "not-found");
    for (var action : List.of("pause", "resume", "run")) {
      assertProblem(bob.post("/" + name + "/" + action), 404, "not-found");
    }
    assertProblem(bob.get("/" + name + "/runs"), 404, "not-found");
  }

  @Test
  void aScheduleIsMadeReadReplacedAndRemoved() {
    var answer =
        admin.put(
            name,
            "{\"cron\":\"30 2 * * 1-5\",\"zone\":\"Europe/Berlin\",\"target\":{\"workflow\":"
                + "\"sample-steps\",\"params\":{\"steps\":1}},\"overlap\":\"wait\",\"missed\":"
                + "\"all\",\"jitter\":\"PT30S\"}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    assertThat(answer.headers().firstValue("Location")).contains("/api/internal/schedules/" + name);
    var made = Json.object(answer.body());
    assertThat(made)
        .containsEntry("name", name)
        .containsEntry("cron", "30 2 * * 1-5")
        .containsEntry("zone", "Europe/Berlin")
        .containsEntry("target", Map.of("workflow", "sample-steps", "params", Map.of("steps", 1)))
        .containsEntry("overlap", "wait")
        .containsEntry("missed", "all")
        .containsEntry("jitter", "PT30S")
        .containsEntry("paused", false)
        .containsEntry("declared", false)
        .containsKeys("nextDueAt", "createdAt", "updatedAt");
    assertThat(admin.schedule(name)).isEqualTo(made);

    assertThat(admin.put(name, YEARLY).statusCode()).isEqualTo(200);
    assertThat(admin.schedule(name)).containsEntry("cron", "@yearly").doesNotContainKey("jitter");

    assertThat(admin.delete(name).statusCode()).isEqualTo(204);
    assertProblem(admin.get("/" + name), 404, "not-found");
    assertProblem(admin.delete(name), 404, "not-found");
    assertProblem(admin.get("/" + name + "/runs"), 404, "not-found");
    assertProblem(admin.post("/" + name + "/run"), 404, "not-found");
    assertProblem(admin.get("/No%00name"), 404, "not-found");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"cron":"61 * * * *"}                     | cron        | minute: '61' is not between 0 and 59
          {"cron":"0 0 31 2 *"}                     | cron        | never comes
          {"cron":"0 3 * * *","zone":"Berlin"}      | zone        | IANA
          {"cron":"0 3 * * *","zone":"+02:00"}      | zone        | IANA
          {"cron":7}                                | cron        | is a string
          {}                                        | cron        | give one of
          {"cron":"0 3 * * *","every":"PT1H"}       | every       | give one of
          {"every":"PT0.5S"}                        | every       | whole seconds
          {"every":"often"}                         | every       | ISO-8601
          {"every":"PT1H","zone":"UTC"}             | zone        | for cron alone
          {"at":"tomorrow"}                         | at          | instant
          {"at":"2020-01-01T00:00:00Z"}             | at          | is in the past
          {"cron":"@daily","overlap":"never"}       | overlap     | is one of skip, wait, allow
          {"cron":"@daily","missed":"some"}         | missed      | is one of skip, once, all
          {"cron":"@daily","jitter":"P2D"}          | jitter      | between
          {"cron":"@daily","often":true}            | often       | not known
          {"cron":"@daily","target":{}}             | target      | has one of
          {"cron":"@daily","target":{"job":"nobody"}} | target.job | is no job
          {"cron":"@daily","target":{"workflow":"none"}} | target.workflow | is no workflow
          {"cron":"@daily","target":{"workflow":"sample-steps","params":{"steps":0}}} | target.params | steps is a number
          {"cron":"@daily","target":{"workflow":"sample-steps","params":{"steps":1,"stops":1}}} | target.params.stops | not known
          {"cron":"@daily","target":{"workflow":"sample-steps","body":1}} | target.body | not known
          {"cron":"@daily","target":{"queue":"no-such-queue","body":1}} | target.queue | is no queue
          {"cron":"@daily","target":{"queue":"sample"}} | target.body | is missing
          """)
  void whatIsNotValidIsRefusedFieldByField(String json, String field, String message) {
    var body =
        json.contains("target")
            ? json
            : json.replaceFirst("}$", (json.length() > 2 ? "," : "") + "\"target\":" + JOB + "}");
    assertProblem(admin.put(name, body), 422, "\"field\":\"" + field + "\"");
    assertThat(admin.put(name, body).body()).contains(message);
    assertThat(admin.get("/" + name).statusCode()).isEqualTo(404);
  }

  @Test
  void whatIsNoNameOrNoJsonIsRefused() {
    assertProblem(admin.put("Not-lower", YEARLY), 422, "\"field\":\"name\"");
    assertProblem(admin.put(name, "{"), 400, "bad-json");
    assertProblem(admin.put(name, "[]"), 422, "body");
  }

  @Test
  void numbersOfParametersKeepTheirDigits() {
    var body = "{\"a\":1.10,\"b\":12345678901234567890.123}";
    admin.made(
        name, "{\"cron\":\"@yearly\",\"target\":{\"job\":\"test-job\",\"params\":" + body + "}}");
    assertThat(admin.get("/" + name).body()).contains(body);
  }

  @Test
  void schedulesComeInPages() {
    var names = new ArrayList<String>();
    for (int i = 0; i < 5; i++) {
      names.add(name + "-" + i);
      admin.made(name + "-" + i, YEARLY);
    }
    var found = new ArrayList<Object>();
    var query = "?limit=100";
    for (int pages = 0; pages < 100; pages++) {
      var page = ScheduleClient.ok(admin.get(query));
      ScheduleClient.items(page)
          .forEach(item -> found.add(Objects.requireNonNull(item.get("name"))));
      if (!page.containsKey("next")) {
        break;
      }
      query = "?limit=100&cursor=" + page.get("next");
    }
    assertThat(found).containsSubsequence(names.toArray()).doesNotHaveDuplicates();
    assertProblem(admin.get("?limit=0"), 422, "limit");
    assertProblem(admin.get("?cursor=%00"), 422, "cursor");
  }

  @Test
  void aWorkflowIsStartedOnceAtItsTime() {
    admin.made(name, "{" + in(300) + ",\"target\":" + STEPS + "}");
    var fire = admin.until(name, "started");
    assertThat(fire).containsEntry("manual", false).containsKeys("dueAt", "firedAt", "startedAt");
    assertThat(fire.get("run")).isEqualTo(name + ":" + fire.get("dueAt"));
    var run = "/api/internal/workflows/sample-steps/" + fire.get("run");
    await().until(() -> worker.get(run).body(), body -> body.contains("\"status\":\"complete\""));
    assertThat(admin.schedule(name)).doesNotContainKey("nextDueAt");
    assertThat(admin.statuses(name)).containsExactly("started");
  }

  @Test
  void aMessageIsSentOnceAtItsTime() {
    var body = "{\"key\":\"" + name + "\"}";
    admin.made(name, "{" + in(300) + ",\"target\":{\"queue\":\"sample\",\"body\":" + body + "}}");
    var fire = admin.until(name, "sent");
    assertThat(fire.get("message")).isEqualTo(name + ":" + fire.get("dueAt"));
    await()
        .until(
            () -> worker.get("/api/internal/sample/counters/" + name).body(),
            counted -> counted.contains("\"value\":1"));
  }

  @Test
  void anIntervalGoesOnFromWhereItBegan() {
    var made = admin.made(name, "{\"every\":\"PT1S\",\"target\":" + JOB + "}");
    var fires = admin.until(name, runs -> runs.size() >= 3);
    var from = Instant.parse((String) made.get("from"));
    assertThat(fires)
        .allSatisfy(fire ->
            assertThat(Instant.parse((String) fire.get("dueAt")).getEpochSecond())
                .isGreaterThan(from.getEpochSecond()));
    assertThat(fires.stream().map(fire -> fire.get("dueAt"))).doesNotHaveDuplicates();
    // Written again it neither repeats nor drops one.
    assertThat(
            admin.made(name, "{\"every\":\"PT1S\",\"overlap\":\"allow\",\"target\":" + JOB + "}"))
        .containsEntry("from", made.get("from"));
    admin.delete(name);
  }

  @Test
  void aPausedScheduleDoesNotFireUntilItIsResumed() {
    admin.made(name, "{" + in(3000) + ",\"target\":" + JOB + "}");
    assertThat(ScheduleClient.ok(admin.post("/" + name + "/pause"))).containsEntry("paused", true);
    assertProblem(admin.post("/" + name + "/pause"), 409, "conflict");
    var other = name + "-after";
    admin.made(other, "{" + in(3300) + ",\"target\":" + JOB + "}");
    admin.until(other, "complete");
    assertThat(admin.runs(name)).isEmpty();
    assertThat(ScheduleClient.ok(admin.post("/" + name + "/resume")))
        .containsEntry("paused", false);
    assertProblem(admin.post("/" + name + "/resume"), 409, "conflict");
    assertThat(admin.until(name, "complete")).containsEntry("attempt", 1);
  }

  @Test
  void aPersonRunsItNow() {
    admin.made(name, YEARLY);
    var before = admin.schedule(name).get("nextDueAt");
    var fire = ScheduleClient.ok(admin.post("/" + name + "/run"));
    assertThat(fire).containsEntry("manual", true);
    assertThat(admin.until(name, "complete")).containsEntry("id", fire.get("id"));
    assertThat(admin.schedule(name)).containsEntry("nextDueAt", before);
  }

  @Test
  void whatABeanDeclaresIsThereAndCannotBeReplaced() {
    await().until(() -> admin.get("/test-job").statusCode() == 200);
    assertThat(admin.schedule("test-job"))
        .containsEntry("declared", true)
        .containsEntry("cron", "0 3 1 1 *")
        .containsEntry("zone", "Europe/Berlin")
        .containsEntry("missed", "skip")
        .containsEntry("jitter", "PT10S")
        .containsEntry("target", Map.of("job", "test-job"));
    assertProblem(admin.put("test-job", YEARLY), 409, "A bean declares it");
    assertProblem(admin.delete("test-job"), 409, "A bean declares it");
  }

  @Test
  void aJobIsTriedAgainAndItsEffectIsCommittedOnce() {
    transactions.execute(
        "CREATE TABLE IF NOT EXISTS cron.test_effect (id text PRIMARY KEY, n int)");
    job.bodies.put(
        name,
        fire -> {
          if (fire.attempt() < 3) {
            throw new IllegalStateException("not yet");
          }
          fire.done(tx -> tx.execute("INSERT INTO cron.test_effect VALUES ($1, 1)", fire.id()));
          throw new IllegalStateException("what follows is not tried again");
        });
    admin.made(name, YEARLY);
    admin.post("/" + name + "/run");
    assertThat(admin.until(name, "complete"))
        .containsEntry("attempt", 3)
        .doesNotContainKey("error");
    assertThat(job.ran.stream().filter(ran -> ran.startsWith(name))).hasSize(3);
  }

  @Test
  void aJobThatAlwaysThrowsHasFailedAfterItsLastAttempt() {
    job.bodies.put(
        name,
        fire -> {
          throw new IllegalStateException("never");
        });
    admin.made(name, YEARLY);
    admin.post("/" + name + "/run");
    assertThat(admin.until(name, "errored"))
        .containsEntry("attempt", 3)
        .containsEntry("error", "IllegalStateException: never")
        .containsKey("endedAt");
  }

  @Test
  void anEffectThatFailsLeavesNothing() {
    transactions.execute(
        "CREATE TABLE IF NOT EXISTS cron.test_effect (id text PRIMARY KEY, n int)");
    job.bodies.put(
        name,
        fire ->
            fire.done(tx -> {
              tx.execute("INSERT INTO cron.test_effect VALUES ($1, 1)", fire.id());
              throw new IllegalStateException("after all");
            }));
    admin.made(name, YEARLY);
    admin.post("/" + name + "/run");
    admin.until(name, "errored");
    assertThat(
            transactions
                .execute("SELECT 1 FROM cron.test_effect WHERE id LIKE $1", name + "%")
                .rowCount())
        .isZero();
  }

  @Test
  void aJobThatTakesTooLongIsInterruptedAndTriedAgain() {
    job.bodies.put(
        name,
        fire -> {
          if (fire.attempt() == 1) {
            assertThat(new CountDownLatch(1).await(30, TimeUnit.SECONDS)).isTrue();
          }
        });
    admin.made(name, YEARLY);
    admin.post("/" + name + "/run");
    assertThat(admin.until(name, "complete")).containsEntry("attempt", 2);
  }

  @Test
  void whatOverlapsIsSkippedOrWaitsOrIsAllowed() {
    var end = new CountDownLatch(1);
    for (var policy : List.of("skip", "wait", "allow")) {
      var own = name + "-" + policy;
      job.bodies.put(own, fire -> end.await(20, TimeUnit.SECONDS));
      admin.made(
          own, "{\"cron\":\"@yearly\",\"overlap\":\"" + policy + "\",\"target\":" + JOB + "}");
      admin.post("/" + own + "/run");
    }
    assertProblem(admin.post("/" + name + "-skip/run"), 409, "has not ended");
    assertThat(ScheduleClient.ok(admin.post("/" + name + "-wait/run")))
        .containsEntry("status", "waiting");
    assertProblem(admin.post("/" + name + "-wait/run"), 409, "has not ended");
    assertThat(ScheduleClient.ok(admin.post("/" + name + "-allow/run")).get("status"))
        .isIn("queued", "running");
    end.countDown();
    for (var policy : List.of("wait", "allow")) {
      admin.until(
          name + "-" + policy,
          runs -> runs.stream().filter(run -> "complete".equals(run.get("status"))).count() == 2);
    }
  }

  @Test
  void aRunOfAWorkflowThatGoesOnHoldsTheNextBack() {
    admin.made(
        name,
        "{\"every\":\"PT1S\",\"overlap\":\"wait\",\"target\":{\"workflow\":\"sample-approval\"}}");
    admin.until(name, runs -> runs.size() >= 3);
    admin.post("/" + name + "/pause");
    var fires = admin.runs(name);
    assertThat(fires.getLast()).containsEntry("status", "started");
    assertThat(fires.get(fires.size() - 2)).containsEntry("status", "waiting");
    assertThat(fires.subList(0, fires.size() - 2))
        .allSatisfy(fire -> assertThat(fire).containsEntry("status", "skipped"));
    var run = "/api/internal/workflows/sample-approval/" + fires.getLast().get("run");
    worker.postJson(run + "/events/approval", "true");
    admin.until(
        name,
        runs -> runs.stream().filter(one -> "started".equals(one.get("status"))).count() == 2);
  }

  @Test
  void aScheduleIsWrittenWithWhatElseATransactionDoes() throws Exception {
    var yearly =
        Schedule.of(
            new Timing.Cron("@yearly", ZoneId.of("UTC")), new Target.Job("test-job", "null"));
    try {
      transactions.call(tx -> {
        schedules.put(tx, name, yearly);
        throw new IllegalStateException("after all");
      });
    } catch (IllegalStateException e) {
      assertThat(e).hasMessage("after all");
    }
    assertThat(admin.get("/" + name).statusCode()).isEqualTo(404);
    assertThat(transactions.<Boolean, RuntimeException>call(tx -> schedules.put(tx, name, yearly)))
        .isTrue();
    assertThat(admin.get("/" + name).statusCode()).isEqualTo(200);
    assertThat(transactions.<Boolean, RuntimeException>call(tx -> schedules.remove(tx, name)))
        .isTrue();
  }
}
