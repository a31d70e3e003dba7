package dev.sallyport.user.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.model.AuditedCalls;
import dev.sallyport.model.QueuedMessage;
import dev.sallyport.user.binding.Binding.Outcome;
import dev.sallyport.user.binding.EndedCall;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class AuditBufferTest {
  private static EndedCall call(String path) {
    return new EndedCall(
        UUID.randomUUID().toString(),
        "b".repeat(63),
        UUID.randomUUID().toString(),
        UUID.randomUUID().toString(),
        "M".repeat(100),
        path,
        Outcome.BREAKER_OPEN,
        503,
        Duration.ofNanos(1_234_567));
  }

  @Test
  void whatIsAddedIsTakenInOrderWithEverythingThatCounts() {
    var buffer = new AuditBuffer(10);
    var call = call("/a");
    assertThat(buffer.add(call, 7)).isTrue();
    assertThat(buffer.add(call("/b"), 8)).isTrue();
    assertThat(buffer.count()).isEqualTo(2);
    var taken = buffer.take();
    assertThat(taken).hasSize(2);
    assertThat(taken.getFirst())
        .isEqualTo(
            new AuditedCalls.Call(
                call.id(),
                7,
                call.userId(),
                call.keyId(),
                call.binding(),
                "M".repeat(32),
                "/a",
                "breaker_open",
                503,
                1234));
    assertThat(buffer.take()).isEmpty();
    assertThat(buffer.count()).isZero();
  }

  @Test
  void moreThanFitAreRefusedAndTakingMakesRoom() {
    var buffer = new AuditBuffer(2);
    assertThat(buffer.add(call("/a"), 1)).isTrue();
    assertThat(buffer.add(call("/a"), 2)).isTrue();
    assertThat(buffer.add(call("/a"), 3)).isFalse();
    assertThat(buffer.count()).isEqualTo(2);
    buffer.take();
    assertThat(buffer.add(call("/a"), 4)).isTrue();
  }

  @Test
  void itsBytesAreBoundedToo() {
    var buffer = new AuditBuffer(1_000_000);
    int added = 0;
    while (buffer.add(call("/" + "a".repeat(5_000)), 1)) {
      added++;
    }
    long least = AuditedCalls.PATH_CHARS_MAX;
    assertThat(added).isBetween(1_000, (int) (AuditBuffer.BYTES_MAX / least));
  }

  @Test
  void whatTravelsTogetherFitsIntoOneMessageWhateverIsInIt() throws JsonProcessingException {
    for (var path : new String[] {"/", "/" + "\"".repeat(1_000)}) {
      var buffer = new AuditBuffer(10_000);
      int added = 0;
      while (added < 2_000 && buffer.add(call(path), Long.MAX_VALUE)) {
        added++;
      }
      int taken = 0;
      for (var calls = buffer.take(); !calls.isEmpty(); calls = buffer.take()) {
        taken += calls.size();
        assertThat(new ObjectMapper().writeValueAsBytes(new AuditedCalls(calls)).length)
            .isLessThanOrEqualTo(QueuedMessage.BODY_BYTES_MAX);
      }
      assertThat(taken).isEqualTo(added);
    }
  }
}
