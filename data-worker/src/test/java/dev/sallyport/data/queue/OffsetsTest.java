package dev.sallyport.data.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OffsetsTest {
  @Test
  void rangesThatTouchAreOne() {
    var offsets = new Offsets();
    offsets.add(0, 3);
    offsets.add(5, 6);
    offsets.add(3, 5);
    assertThat(offsets).hasToString("{[0,6)}");
  }

  @Test
  void theNextIsTheLowestThatIsMissing() {
    var offsets = Offsets.parse("{[0,7),[9,12)}");
    assertThat(offsets.next()).isEqualTo(7);
    assertThat(Offsets.parse("{[4,7)}").next()).isZero();
    assertThat(new Offsets().next()).isZero();
  }

  @Test
  void whatPostgresWritesIsRead() {
    assertThat(Offsets.parse("{}").isEmpty()).isTrue();
    assertThat(Offsets.parse("{[0,7),[9,12)}")).hasToString("{[0,7),[9,12)}");
  }

  @Test
  void anEmptyRangeAddsNothing() {
    var offsets = new Offsets();
    offsets.add(4, 4);
    offsets.add(9, 2);
    assertThat(offsets.isEmpty()).isTrue();
  }

  @Test
  void anyOrderGivesWhatASetGives() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    var offsets = new Offsets();
    var model = new BitSet();
    for (int i = 0; i < 2_000; i++) {
      int from = random.nextInt(3_000);
      int end = from + random.nextInt(4);
      offsets.add(from, end);
      model.set(from, end);
      assertThat(offsets.next()).as("seed " + seed).isEqualTo(model.nextClearBit(0));
      assertThat(offsets.end()).as("seed " + seed).isEqualTo(model.length());
    }
    for (int at = 0; at < 3_010; at++) {
      assertThat(offsets.contains(at)).as("seed " + seed + " at " + at).isEqualTo(model.get(at));
    }
    assertThat(Offsets.parse(offsets.toString())).hasToString(offsets.toString());
  }
}
