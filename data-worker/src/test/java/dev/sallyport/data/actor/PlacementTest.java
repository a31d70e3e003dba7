package dev.sallyport.data.actor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.actor.OwnerSql.Worker;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PlacementTest {
  private long nanos;
  private final Placement placement = new Placement(() -> nanos);

  private static List<Worker> workers(long... incarnations) {
    return LongStream.of(incarnations)
        .mapToObj(one -> new Worker(one, "http://10.0.0." + one + ":8080"))
        .toList();
  }

  private void known(long... incarnations) {
    placement.update(workers(incarnations));
    nanos += Placement.KNOWN_AFTER.toNanos();
    placement.update(workers(incarnations));
  }

  /** Who has each of so many actors, as worker {@code here} sees it. */
  private Map<Long, Integer> shares(long here, int actors) {
    var shares = new HashMap<Long, Integer>();
    for (int i = 0; i < actors; i++) {
      var elsewhere = placement.elsewhere(new Address("counter", "key " + i), here);
      shares.merge(elsewhere.map(Worker::incarnation).orElse(here), 1, Integer::sum);
    }
    return shares;
  }

  @Test
  void everyWorkerSeesTheSameAndHasItsShare() {
    known(1, 2, 3);
    var shares = shares(1, 3_000);
    assertThat(shares).isEqualTo(shares(2, 3_000)).isEqualTo(shares(3, 3_000)).hasSize(3);
    assertThat(shares.values()).allSatisfy(share -> assertThat(share).isBetween(850, 1_150));
  }

  @Test
  void aNewcomerIsSuggestedOnceAllHaveHadTimeToSeeIt() {
    known(1);
    placement.update(workers(1, 2));
    assertThat(shares(1, 100)).hasSize(1);
    nanos += Placement.KNOWN_AFTER.toNanos();
    placement.update(workers(1, 2));
    assertThat(shares(1, 100)).hasSize(2);
  }

  @Test
  void whoIsNotKnownItselfSendsNobodyAway() {
    known(1, 2);
    assertThat(shares(7, 100)).containsOnlyKeys(7L);
  }

  @Test
  void alonePlacesEverythingHere() {
    assertThat(shares(1, 100)).containsOnlyKeys(1L);
  }
}
