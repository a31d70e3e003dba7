package dev.sallyport.data.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.platform.Schema;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.local.StackResource;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Claims of runs whose types no worker serves, so that the engine leaves them alone. */
@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class ClaimSqlTest {
  private static final long ME = 1_000_001;
  private static final long OTHER = 1_000_002;

  private static final String QUEUE =
      """
      INSERT INTO workflow.run (type, id, version, principal, status, priority, due_at, params)
      SELECT $1, gen_random_uuid()::text, 1, $2, 'queued', $3, now(), '{}'
      FROM generate_series(1, $4)
      """;

  private static final String PUT_TO_SLEEP =
      """
      INSERT INTO workflow.run (type, id, version, principal, status, due_at, params)
      SELECT $1, gen_random_uuid()::text, 1, 'ada', 'waiting',
        now() + (n + $3) * interval '1 millisecond', '{}'
      FROM generate_series(1, $2) n
      """;

  private static final String FINISH =
      """
      INSERT INTO workflow.run (type, id, version, principal, status, params, updated_at)
      SELECT $1, gen_random_uuid()::text, 1, 'ada', 'complete', '{}', now() - $3::int * interval '1 day'
      FROM generate_series(1, $2)
      """;

  /** Owners that are alive, or housekeeping would take what they claim. */
  private static final String LIVE =
      """
      INSERT INTO lease.worker (incarnation, name, started_at, expires_at)
      OVERRIDING SYSTEM VALUE
      VALUES ($1, 'test', now(), now() + interval '1 hour') ON CONFLICT DO NOTHING
      """;

  @Inject ClaimSql claims;
  @Inject Transactions transactions;
  @Inject Payloads payloads;
  @Inject Schema schema;

  private Definition type;

  /** A type of its own for each test. */
  @BeforeEach
  void defineType() {
    UsableSchema.await(schema);
    transactions.execute(LIVE, ME);
    transactions.execute(LIVE, OTHER);
    type = define("ghost-" + System.nanoTime());
  }

  private Definition define(String name) {
    var options = WorkflowOptions.DEFAULT;
    return new Definition(
        name,
        1,
        (run, params) -> params,
        options,
        payloads.type(Object.class),
        payloads.type(Object.class));
  }

  private void queue(String principal, int priority, int runs) {
    transactions.execute(QUEUE, type.type(), principal, priority, runs);
  }

  private List<Claim> claim(int max, String after) {
    return claims.claimReady(ME, max, List.of(type), after);
  }

  private static Map<String, Long> byPrincipal(List<Claim> taken) {
    return taken.stream()
        .collect(Collectors.groupingBy(Claim::principal, TreeMap::new, Collectors.counting()));
  }

  @Test
  void whoQueuesMuchDoesNotHoldUpOthers() {
    queue("greedy", 5, 500);
    queue("modest", 5, 3);
    queue("zoe", 5, 100);
    assertThat(byPrincipal(claim(30, "")))
        .containsEntry("greedy", 10L)
        .containsEntry("modest", 3L)
        .containsEntry("zoe", 10L);
  }

  @Test
  void theTurnGoesOnAfterThoseWhoHadIt() {
    queue("ada", 5, 50);
    queue("bob", 5, 50);
    assertThat(byPrincipal(claim(10, "ada"))).containsOnlyKeys("bob");
    assertThat(claim(10, "bob")).isEmpty();
  }

  @Test
  void firstPrioritiesGoFirst() {
    queue("ada", 5, 5);
    queue("bob", 1, 5);
    assertThat(byPrincipal(claim(5, ""))).containsOnlyKeys("bob");
    assertThat(byPrincipal(claim(5, ""))).containsOnlyKeys("ada");
  }

  @Test
  void nobodyClaimsTwice() throws Exception {
    queue("ada", 5, 200);
    var first = new ArrayList<Claim>();
    var second = new ArrayList<Claim>();
    var one = Thread.ofVirtual().start(() -> claimAll(ME, first));
    var another = Thread.ofVirtual().start(() -> claimAll(OTHER, second));
    one.join();
    another.join();
    first.addAll(second);
    assertThat(first).hasSize(200).extracting(Claim::run).doesNotHaveDuplicates();
  }

  private void claimAll(long owner, List<Claim> into) {
    for (int misses = 0; misses < 5; ) {
      var taken = claims.claimReady(owner, 16, List.of(type), "");
      into.addAll(taken);
      misses = taken.isEmpty() ? misses + 1 : 0;
    }
  }

  @Test
  void onlyWhatIsDueIsClaimedTheLongestDueFirst() {
    transactions.execute(PUT_TO_SLEEP, type.type(), 10, -60_000);
    transactions.execute(PUT_TO_SLEEP, type.type(), 10, 60_000);
    assertThat(claims.claimDue(ME, 4, List.of(type))).hasSize(4);
    assertThat(claims.claimDue(ME, 100, List.of(type))).hasSize(6);
    assertThat(claims.nextDue(List.of(type)))
        .isBetween(Duration.ofSeconds(50), Duration.ofSeconds(61));
  }

  @Test
  void aClaimRaisesTheFenceAndADeadWorkersRunsAreQueuedUnderAHigherOne() {
    queue("ada", 5, 3);
    var taken = claim(10, "");
    assertThat(taken).extracting(Claim::fence).containsOnly(2L);
    assertThat(claims.owners(OTHER)).contains(ME);
    assertThat(claims.releaseDead(List.of(ME), 100_000)).isGreaterThanOrEqualTo(3);
    assertThat(claim(10, ""))
        .hasSize(3)
        .allSatisfy(again -> {
          assertThat(again.fence()).isEqualTo(4L);
          assertThat(again.recoveries()).isEqualTo(1);
        });
  }

  @Test
  void finishedRunsAreDeletedWhenTheirTimeIsOver() {
    transactions.execute(FINISH, type.type(), 3, 40);
    transactions.execute(FINISH, type.type(), 2, 10);
    var sql = new RetentionSql(transactions);
    assertThat(sql.delete(RunStatus.COMPLETE, type.type(), 0, 100, Duration.ofDays(30))).isEmpty();
    var left =
        transactions.execute("SELECT count(*) FROM workflow.run WHERE type = $1", type.type());
    assertThat(left.iterator().next().getLong(0)).isEqualTo(2);
  }

  /** With a hundred thousand rows no claim reads the table, or more of an index than it takes. */
  @Test
  void claimingCostsWhatItTakesNotWhatThereIs() {
    queue("ada", 5, 50_000);
    transactions.execute(PUT_TO_SLEEP, type.type(), 50_000, 3_600_000);
    transactions.execute("ANALYZE workflow.run");
    for (var statement : List.of(ClaimSql.CLAIM_DUE, ClaimSql.CLAIM_READY)) {
      var plan = plan(statement);
      assertThat(plan).doesNotContain("Seq Scan on run").doesNotContain("Sort Method: external");
      assertThat(plan).contains("Index");
    }
  }

  private String plan(String statement) {
    var explain =
        "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) "
            + statement
                .replace("$1", Long.toString(ME))
                .replace("$2", "16")
                .replace("$3", "ARRAY['" + type.type() + "']")
                .replace("$4", "ARRAY[1]")
                .replace("$5", "''")
                .replace("$6", "NULL");
    return StreamSupport.stream(transactions.execute(explain).spliterator(), false)
        .map(row -> row.getString(0))
        .collect(Collectors.joining("\n"));
  }
}
