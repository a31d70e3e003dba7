package dev.sallyport.data.room;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.Json;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a room is made of, by itself. */
class RoomPartsTest {
  private final AtomicLong now = new AtomicLong();
  private final RoomMemory memory = new RoomMemory(Long.MAX_VALUE);

  private static Message message(long offset, int length) {
    return new Message(offset, "ada", "\"" + "x".repeat(length) + "\"", Instant.EPOCH);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 40, 41, 42, 65_000, 65_450, 65_500, 70_000})
  void aFrameHasTheLengthThatItSays(int length) {
    var frame = ByteBuffer.wrap(Frames.message(message(1, length)));
    assertThat(frame.get()).as("final, text").isEqualTo((byte) 0x81);
    int first = frame.get();
    long said =
        switch (first) {
          case 126 -> frame.getShort() & 0xffff;
          case 127 -> frame.getLong();
          default -> first;
        };
    assertThat(said).isEqualTo(frame.remaining());
    assertThat(first == 126 && said < 126).as("in as few bytes as it can").isFalse();
    assertThat(first == 127 && said < 65_536).isFalse();
    var json = Json.object(StandardCharsets.UTF_8.decode(frame).toString());
    assertThat(json)
        .containsEntry("type", "message")
        .containsEntry("at", "1970-01-01T00:00:00Z")
        .containsEntry("data", "x".repeat(length));
  }

  @Test
  void whatUsersChoseCannotBreakOutOfAFrame() {
    var bad = "\",\"x\":\"\u0001\\";
    var welcome =
        Frames.welcome(bad, bad, 1, true, List.of(bad), Map.of(bad, new Shared.Value("1", 2)));
    var json = Json.object(payload(welcome));
    assertThat(json)
        .containsOnlyKeys("type", "room", "epoch", "offset", "recovered", "members", "state");
    assertThat(json).containsEntry("room", bad).containsEntry("members", List.of(bad));
    assertThat(Json.object(payload(Frames.error(bad, Code.CONFLICT, bad))))
        .containsEntry("id", bad);
    assertThat(Json.object(payload(Frames.presence(Set.of(bad), Set.of()))))
        .containsEntry("joined", List.of(bad));
  }

  private static String payload(byte[] frame) {
    int head = frame[1] == 126 ? 4 : 2;
    return new String(frame, head, frame.length - head, StandardCharsets.UTF_8);
  }

  @Test
  void theNewestMessagesAreKeptAndNoMore() {
    var recent = new Recent(10, List.of(message(9, 1), message(10, 1)), memory);
    assertThat(recent.reachesBackTo(10)).isTrue();
    assertThat(recent.reachesBackTo(8)).isTrue();
    assertThat(recent.reachesBackTo(7)).isFalse();
    assertThat(recent.after(9)).hasSize(1);
    assertThat(recent.after(10)).isEmpty();
    LongStream.rangeClosed(11, 2_000)
        .forEach(offset -> recent.add(offset, Frames.message(message(offset, 1))));
    assertThat(recent.head()).isEqualTo(2_000);
    assertThat(recent.after(0)).hasSize(Recent.FRAMES_MAX);
    assertThat(recent.reachesBackTo(1_000)).isTrue();
    assertThat(recent.reachesBackTo(999)).isFalse();
    LongStream.rangeClosed(2_001, 2_100)
        .forEach(offset -> recent.add(offset, Frames.message(message(offset, 60_000))));
    assertThat(recent.after(0).stream().mapToInt(frame -> frame.length).sum())
        .isLessThanOrEqualTo(Recent.BYTES_MAX);
  }

  @Test
  void whereMemoryIsShortLessOfTheLogIsKeptAndWhatALeavingRoomHadIsFree() {
    var little = new RoomMemory(100_000);
    var recent = new Recent(0, List.of(), little);
    LongStream.rangeClosed(1, 900)
        .forEach(offset -> recent.add(offset, Frames.message(message(offset, 1_000))));
    assertThat(little.isFull()).isFalse();
    assertThat(recent.after(0).size()).isBetween(10, 60);
    var shared = new Shared(Map.of(), little);
    for (int i = 0; i < 4; i++) {
      assertThat(shared.set("k" + i, "\"" + "x".repeat(20_000) + "\"")).isNotNull();
    }
    assertThat(little.isFull()).isTrue();
    recent.close();
    shared.close();
    assertThat(little.isFull()).isFalse();
    assertThat(little.bytes()).isZero();
  }

  @Test
  void anEmptyLogMissesNothing() {
    assertThat(new Recent(0, List.of(), memory).reachesBackTo(0)).isTrue();
    // All of it was removed since.
    assertThat(new Recent(7, List.of(), memory).reachesBackTo(6)).isFalse();
    assertThat(new Recent(7, List.of(), memory).reachesBackTo(7)).isTrue();
  }

  @Test
  void whatIsSaidIsHowItStandsAlsoForWhoWasWelcomedInBetween() {
    var presence = new Presence(() -> new Allowance(now::get, 1, 1));
    presence.enters("ada");
    presence.enters("ada");
    assertThat(presence.change()).isEqualTo(new Presence.Change(Set.of("ada"), Set.of()));
    presence.leaves("ada");
    assertThat(presence.change().isEmpty()).as("one socket is left").isTrue();
    presence.enters("bob");
    presence.leaves("bob");
    presence.leaves("ada");
    presence.enters("ada");
    assertThat(presence.change()).isEqualTo(new Presence.Change(Set.of("ada"), Set.of("bob")));
    presence.leaves("ada");
    assertThat(presence.users()).isEmpty();
    assertThat(presence.change()).isEqualTo(new Presence.Change(Set.of(), Set.of("ada")));
    assertThat(presence.allows("ada")).isFalse();
  }

  @Test
  void anAllowanceIsABurstAndThenSoManyASecond() {
    var allowance = new Allowance(now::get, 200, 1_000);
    assertThat(LongStream.range(0, 2_000).filter(i -> allowance.take()).count()).isEqualTo(1_000);
    now.addAndGet(500_000_000);
    assertThat(LongStream.range(0, 2_000).filter(i -> allowance.take()).count()).isEqualTo(100);
    now.addAndGet(3_600_000_000_000L);
    assertThat(LongStream.range(0, 2_000).filter(i -> allowance.take()).count()).isEqualTo(1_000);
  }

  @Test
  void sharedStateIsSeenOnceItIsCommittedAndHasBounds() {
    var shared = new Shared(Map.of("a", new Shared.Value("1", 4)), memory);
    var next = Objects.requireNonNull(shared.set("a", "2"));
    assertThat(next.version()).isEqualTo(5);
    assertThat(shared.version("a")).isEqualTo(5);
    assertThat(shared.committed()).containsEntry("a", new Shared.Value("1", 4));
    shared.commit("a", next);
    assertThat(shared.committed()).containsEntry("a", next);
    var large = "\"" + "x".repeat(60_000) + "\"";
    int fit = 0;
    while (shared.set("k" + fit, large) != null) {
      fit++;
    }
    assertThat(fit).isEqualTo(4);
    assertThat(shared.set("k0", "0")).as("less is always taken").isNotNull();
    assertThat(shared.set("k4", large)).isNotNull();
  }

  @Test
  void thereAreNotMoreKeysThanAllowed() {
    var shared = new Shared(Map.of(), memory);
    for (int i = 0; i < Shared.KEYS_MAX; i++) {
      assertThat(shared.set("k" + i, "0")).isNotNull();
    }
    assertThat(shared.set("one more", "0")).isNull();
    assertThat(shared.set("k7", "1")).isNotNull();
  }

  @Test
  void whoWaitsToBeLetInIsNotOvertaken() {
    var admission = new Admission();
    var in = new ArrayList<Integer>();
    for (int i = 0; i < Admission.AT_ONCE + 5; i++) {
      int number = i;
      admission.enter(() -> in.add(number));
    }
    assertThat(in).hasSize(Admission.AT_ONCE);
    admission.done();
    admission.done();
    assertThat(in.subList(Admission.AT_ONCE, in.size()))
        .containsExactly(Admission.AT_ONCE, Admission.AT_ONCE + 1);
  }
}
