package dev.sallyport.data.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.queue.Delivery.Origin.Stored;
import dev.sallyport.model.QueuedMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ShardMemoryTest {
  private static final Known NOTHING = new Known(Map.of(), Set.of(), Set.of(), false);
  private final HeldBytes all = new HeldBytes(Long.MAX_VALUE);
  private final ShardMemory memory = new ShardMemory(new Offsets(), all);

  @Test
  void whatArrivesIsHandedOutAndBehindUsOnceItIsSettled() {
    arrive(message(0, "a", null), message(1, "b", null));
    assertThat(sort(NOTHING)).isEmpty();
    var taken = memory.take(9);
    assertThat(ids(taken)).containsExactly("a", "b");
    assertThat(memory.next()).isZero();
    settle(taken.get(1), Outcome.DONE);
    assertThat(memory.next()).isZero();
    settle(taken.get(0), Outcome.DONE);
    assertThat(memory.next()).isEqualTo(2);
    assertThat(memory.held()).isZero();
    assertThat(memory.handedOut()).isZero();
  }

  @Test
  void aCopyOfWhatIsStillBeingHandledIsADuplicate() {
    arrive(message(0, "a", null));
    sort(NOTHING);
    arrive(message(1, "a", null));
    assertThat(outcomes(sort(NOTHING))).containsExactly(Outcome.DUPLICATE);
  }

  @Test
  void theSameIdWithAnotherContentIsDeadAndNotTheFirst() {
    arrive(message(0, "a", null), message(1, "a", "k"));
    var settled = sort(NOTHING);
    assertThat(outcomes(settled)).containsExactly(Outcome.CLASH);
    memory.settled(settled, new Offsets());
    arrive(message(2, "a", null));
    assertThat(outcomes(sort(NOTHING))).as("of the first").containsExactly(Outcome.DUPLICATE);
    assertThat(ids(memory.take(9))).containsExactly("a");
  }

  @Test
  void aCopyOfWhatWasSettledAfterPostgresWasAskedIsADuplicate() {
    arrive(message(0, "a", null));
    sort(NOTHING);
    var first = memory.take(1).getFirst();
    arrive(message(1, "a", null));
    var intake = memory.intake(9);
    settle(first, Outcome.DONE);
    assertThat(outcomes(memory.sort(intake, NOTHING))).containsExactly(Outcome.DUPLICATE);
  }

  @Test
  void whatWasTakenInBeforeIsADuplicate() {
    var first = message(0, "a", null);
    var key = MessageKey.of(Objects.requireNonNull(first.message()));
    arrive(first);
    var known = new Known(Map.of(key.id(), key.content()), Set.of(), Set.of(), false);
    assertThat(outcomes(sort(known))).containsExactly(Outcome.DUPLICATE);
  }

  @Test
  void whenAMessageHasToWaitThoseBehindItInItsKeyAreKeptAndNoOthers() {
    arrive(message(0, "a1", "k"), message(1, "a2", "k"), message(2, "b", "other"));
    sort(NOTHING);
    var first = memory.take(1).getFirst();
    settle(first, new Outcome.Again(Duration.ofSeconds(1), "no"));
    // The row of the first is handled and gone before Postgres is asked about the third.
    arrive(message(3, "a3", "k"));
    var settled = sort(NOTHING);
    assertThat(settled.stream().map(one -> one.delivery().message().id()))
        .as("those behind it in memory, and after them what arrives with nothing known of it")
        .containsExactly("a2", "a3");
    assertThat(ids(memory.take(9))).containsExactly("b");
  }

  @Test
  void aKeyThatWasBlockedAfterPostgresWasAskedIsKnownToBeBlocked() {
    arrive(message(0, "a1", "k"));
    sort(NOTHING);
    var first = memory.take(1).getFirst();
    arrive(message(1, "a2", "k"));
    var intake = memory.intake(9);
    settle(first, new Outcome.Again(Duration.ofSeconds(1), "no"));
    assertThat(outcomes(memory.sort(intake, NOTHING))).containsExactly(Outcome.KEPT);
  }

  @Test
  void rowsWaitForWhatAnEarlierOwnerPassedOver() {
    var after = new ShardMemory(Offsets.parse("{[0,1),[2,3)}"), all);
    assertThat(after.hasCaughtUp()).as("nothing is read").isFalse();
    after.arrive(List.of(message(1, "a", "k")), 3);
    assertThat(after.hasCaughtUp()).as("nothing is taken in").isFalse();
    after.sort(after.intake(9), NOTHING);
    assertThat(after.hasCaughtUp()).isTrue();
    after.arrive(List.of(message(3, "b", "k")), 4);
    assertThat(after.hasCaughtUp()).as("it is of this owner's time").isTrue();
  }

  @Test
  void offsetsWithoutRecordsArePassed() {
    memory.arrive(List.of(message(3, "a", null)), 7);
    var intake = memory.intake(9);
    assertThat(intake.gaps()).hasToString("{[0,3),[4,7)}");
    assertThat(memory.position()).isEqualTo(7);
  }

  @Test
  void whatIsBehindUsIsNotReadAgain() {
    var after = new ShardMemory(Offsets.parse("{[0,5),[6,7)}"), all);
    assertThat(after.position()).isEqualTo(5);
    after.arrive(List.of(message(5, "a", null), message(6, "b", null)), 7);
    assertThat(after.intake(9).arrived()).extracting(Arrived::offset).containsExactly(5L);
  }

  @Test
  void aRowWaitsWhileItsKeyIsBusy() {
    arrive(message(0, "a", "k"));
    sort(NOTHING);
    var row = new Delivery(new Stored(9), queued("b", "k"), Instant.EPOCH, 1);
    memory.load(List.of(row));
    assertThat(memory.flying()).isEmpty();
    settle(memory.take(9).getFirst(), Outcome.DONE);
    memory.load(List.of(row));
    assertThat(memory.flying()).containsExactly(9L);
    memory.load(List.of(row));
    assertThat(ids(memory.take(9))).as("once").containsExactly("b");
  }

  @Test
  void itIsFullBySizeAsWellAsByNumber() {
    var large = new byte[QueuedMessage.BODY_BYTES_MAX];
    Arrays.fill(large, (byte) ' ');
    for (int i = 0; i < 64; i++) {
      assertThat(memory.isFull()).isFalse();
      var message = new QueuedMessage("m" + i, "ada", null, Duration.ZERO, large);
      arrive(new Arrived(i, Instant.EPOCH, message));
    }
    assertThat(memory.isFull()).isTrue();
  }

  @Test
  void whenAllHoldTooMuchEachGoesOnWithALittle() {
    var few = new HeldBytes(512 * 1024);
    var one = new ShardMemory(new Offsets(), few);
    var other = new ShardMemory(new Offsets(), few);
    var large = new byte[QueuedMessage.BODY_BYTES_MAX];
    Arrays.fill(large, (byte) ' ');
    for (int i = 0; i < 4; i++) {
      assertThat(one.isFull()).isFalse();
      var message = new QueuedMessage("m" + i, "ada", null, Duration.ZERO, large);
      one.arrive(List.of(new Arrived(i, Instant.EPOCH, message)), i + 1L);
    }
    assertThat(one.isFull()).isTrue();
    assertThat(other.isFull()).as("it holds nothing").isFalse();
    one.drop();
    assertThat(few.isTooMuch()).isFalse();
  }

  private void arrive(Arrived... records) {
    memory.arrive(List.of(records), records[records.length - 1].offset() + 1);
  }

  private List<Settled> sort(Known known) {
    return memory.sort(memory.intake(100), known);
  }

  private void settle(Delivery delivery, Outcome outcome) {
    memory.settled(List.of(new Settled(delivery, outcome)), new Offsets());
  }

  private static List<Outcome> outcomes(List<Settled> settled) {
    return settled.stream().map(Settled::outcome).toList();
  }

  private static List<String> ids(List<Delivery> deliveries) {
    return deliveries.stream().map(one -> one.message().id()).toList();
  }

  private static Arrived message(long offset, String id, @Nullable String key) {
    return new Arrived(offset, Instant.EPOCH, queued(id, key));
  }

  private static QueuedMessage queued(String id, @Nullable String key) {
    return new QueuedMessage(id, "ada", key, Duration.ZERO, "{}".getBytes(StandardCharsets.UTF_8));
  }
}
