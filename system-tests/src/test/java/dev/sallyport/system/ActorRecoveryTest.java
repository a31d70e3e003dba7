package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.System.Logger.Level;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** An actor lives once, and forgets nothing, on two data-workers that die, freeze and come back. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ActorRecoveryTest {
  private static final System.Logger LOG = System.getLogger(ActorRecoveryTest.class.getName());
  private static final Duration FAULTS_FOR = Duration.ofSeconds(60);
  private static final Duration WITHIN = Duration.ofSeconds(30);
  private static final int ADDS_MIN = 1_000;
  private static final Pattern FOLLOWED =
      Pattern.compile("sallyport_binding_follows_total\\{[^}]*answered[^}]*} [1-9]");

  private Deployment deployment;
  private List<Worker> workers;
  private List<URI> urls;
  private ActorCalls calls;

  @BeforeAll
  void start() {
    deployment = Deployment.start(Deployment.Settings.quick("actor-recovery"));
    workers = List.of(deployment.dataWorker(), deployment.anotherDataWorker("second"));
    urls = workers.stream().map(Worker::url).toList();
    calls = new ActorCalls(deployment, workers);
  }

  @AfterAll
  void stop() {
    deployment.close();
  }

  @Test
  void everyAcknowledgedAddIsInTheCounterOnceWhateverDies() throws Exception {
    long seed = Long.getLong("actor.seed", System.nanoTime());
    LOG.log(Level.INFO, "seed {0}", Long.toString(seed));
    var cluster = new Cluster(deployment, workers, UUID.randomUUID().toString());
    var faults = new Faults(cluster, deployment.stack().postgres(), new Random(seed));
    var adders = new Adders(calls, urls, seed).start();
    faults.run(System.nanoTime() + FAULTS_FOR.toNanos());
    assertThat(adders.finish(WITHIN)).as("all adds are acknowledged in the end").isTrue();
    assertThat(adders.wrong()).isEmpty();
    var acknowledged = adders.acknowledged();
    await().atMost(WITHIN).untilAsserted(() -> assertThat(adders.values()).isEqualTo(acknowledged));
    long adds = acknowledged.values().stream().mapToLong(Long::longValue).sum();
    LOG.log(
        Level.INFO,
        "{0} adds, {1} reads, the longest took {2}; answered otherwise {3}; faults {4}",
        Long.toString(adds),
        Integer.toString(adders.read()),
        adders.longest(),
        adders.inVain(),
        faults.counts());
    assertThat(adds).isGreaterThan(ADDS_MIN);
  }

  @Test
  void everyAddOfAServiceIsInTheCounterOnceWhateverDies() throws Exception {
    long seed = Long.getLong("actor.seed", System.nanoTime());
    LOG.log(Level.INFO, "seed {0}", Long.toString(seed));
    var tallies = new TallyCalls(deployment, workers);
    var cluster = new Cluster(deployment, workers, UUID.randomUUID().toString());
    var faults = new Faults(cluster, deployment.stack().postgres(), new Random(seed));
    var adders = new Adders(tallies, urls, seed).start();
    var senders = new Senders(tallies, urls, seed).start();
    faults.run(System.nanoTime() + FAULTS_FOR.toNanos());
    assertThat(adders.finish(WITHIN)).as("all adds are acknowledged in the end").isTrue();
    assertThat(senders.finish(WITHIN)).isTrue();
    assertThat(adders.wrong()).isEmpty();
    var acknowledged = adders.acknowledged();
    await().atMost(WITHIN).untilAsserted(() -> assertThat(adders.values()).isEqualTo(acknowledged));
    long sent = senders.committed();
    await().atMost(WITHIN).untilAsserted(() -> assertThat(senders.served()).isEqualTo(sent));
    long adds = acknowledged.values().stream().mapToLong(Long::longValue).sum();
    LOG.log(
        Level.INFO,
        "{0} adds, the longest took {1}, answered otherwise {2}; {3} sent, {4} acknowledged;"
            + " faults {5}",
        Long.toString(adds),
        adders.longest(),
        adders.inVain(),
        Long.toString(sent),
        Long.toString(senders.acknowledged()),
        faults.counts());
    // A call of a frozen worker's actor waits for the next owner, where one over HTTP is sent away.
    assertThat(adds).isGreaterThan(ADDS_MIN / 5);
    assertThat(sent).isGreaterThan(100).isGreaterThanOrEqualTo(senders.acknowledged());
  }

  @Test
  void anActorIsServedByOneWorkerAndTheOtherNamesItWithoutAnyEffect() {
    var owners = Set.of(urls.getFirst(), urls.getLast());
    // Each has been there long enough to be given some, so both cases are seen.
    await().atMost(WITHIN).untilAsserted(() -> assertThat(ownersOfFresh(20)).isEqualTo(owners));
  }

  @Test
  void theUserWorkerReachesAnActorWhoeverHasIt() {
    var bearer = deployment.accounts().newSession().bearer();
    // Once both are known to each other, some live on the worker that is not asked first.
    await()
        .atMost(WITHIN)
        .until(() -> {
          addThrice(bearer, UUID.randomUUID().toString().substring(0, 8));
          var metrics = deployment.userWorker().management().get("/q/metrics").body();
          return FOLLOWED.matcher(metrics).find();
        });
  }

  private void addThrice(String bearer, String scope) {
    for (int value = 1; value <= 3; value++) {
      for (int i = 0; i < 10; i++) {
        var answer =
            deployment
                .userWorker()
                .http()
                .post(
                    "/api/internal/actors/counter/" + scope + "-" + i + "/add",
                    "{\"by\":1}",
                    "Authorization",
                    bearer);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        assertThat(answer.json().required("value").asLong()).isEqualTo(value);
      }
    }
  }

  /** Calls new actors at both workers; who has them now. */
  private Set<URI> ownersOfFresh(int count) {
    var scope = UUID.randomUUID().toString().substring(0, 8);
    return IntStream.range(0, count)
        .mapToObj(i -> ownerOf(scope + "-" + i))
        .collect(Collectors.toSet());
  }

  private URI ownerOf(String key) {
    var first = calls.add(urls.getFirst(), key, "first");
    var owner = first.status() == 200 ? urls.getFirst() : calls.owner(first);
    var other = owner.equals(urls.getFirst()) ? urls.getLast() : urls.getFirst();
    if (first.status() != 200) {
      var second = calls.add(owner, key, "second");
      assertThat(second.status()).as(second.toString()).isEqualTo(200);
    }
    for (int i = 0; i < 3; i++) {
      var refused = calls.add(other, key, "refused-" + i);
      assertThat(refused.status()).as(refused.toString()).isEqualTo(ActorCalls.MISDIRECTED);
      assertThat(calls.owner(refused)).isEqualTo(owner);
    }
    assertThat(calls.get(owner, key).json().required("value").asLong()).isEqualTo(1);
    return owner;
  }
}
