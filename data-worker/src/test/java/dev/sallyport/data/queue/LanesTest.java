package dev.sallyport.data.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.queue.Delivery.Origin.Stored;
import dev.sallyport.model.QueuedMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LanesTest {
  private final Lanes lanes = new Lanes();

  @Test
  void messagesWithoutAKeyAreAllReady() {
    add(1, null);
    add(2, null);
    assertThat(take(9)).containsExactly(1L, 2L);
  }

  @Test
  void ofAKeyOneIsHandedOutAtATime() {
    var first = add(1, "k");
    add(2, "k");
    add(3, "other");
    assertThat(take(9)).containsExactly(1L, 3L);
    assertThat(take(9)).isEmpty();
    lanes.over(first);
    assertThat(take(9)).containsExactly(2L);
  }

  @Test
  void aKeyIsBusyUntilItsLastIsOver() {
    var only = add(1, "k");
    assertThat(lanes.isBusy("k")).isTrue();
    take(1);
    assertThat(lanes.isBusy("k")).isTrue();
    lanes.over(only);
    assertThat(lanes.isBusy("k")).isFalse();
  }

  @Test
  void whenOneHasToWaitElsewhereThoseBehindItLeaveWithIt() {
    var first = add(1, "k");
    var second = add(2, "k");
    var third = add(3, "k");
    take(1);
    assertThat(lanes.clear(first)).containsExactly(second, third);
    assertThat(lanes.isBusy("k")).isFalse();
    assertThat(lanes.ready()).isZero();
  }

  @Test
  void noMoreAreHandedOutThanAskedFor() {
    add(1, null);
    add(2, null);
    add(3, null);
    assertThat(take(2)).containsExactly(1L, 2L);
    assertThat(take(2)).containsExactly(3L);
  }

  private Delivery add(long pk, @Nullable String key) {
    var message = new QueuedMessage("id-" + pk, "ada", key, Duration.ZERO, new byte[0]);
    var delivery = new Delivery(new Stored(pk), message, Instant.EPOCH, 0);
    lanes.add(delivery);
    return delivery;
  }

  private List<Long> take(int max) {
    return lanes.take(max).stream().map(one -> ((Stored) one.origin()).pk()).toList();
  }
}
