package dev.sallyport.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.InstantSource;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class UuidV7Test {
  @Test
  void anIdCarriesItsVersionVariantAndTime() {
    var id = at(Instant.ofEpochMilli(0x0123_4567_89abL)).next();
    assertThat(id.version()).isEqualTo(7);
    assertThat(id.variant()).isEqualTo(2);
    assertThat(id.toString()).startsWith("01234567-89ab-7");
  }

  @Test
  void laterIdsSortAfterEarlierOnes() {
    var early = at(Instant.parse("2026-01-01T00:00:00Z")).next().toString();
    var late = at(Instant.parse("2026-01-01T00:00:00.001Z")).next().toString();
    assertThat(early).isLessThan(late);
  }

  private static UuidV7 at(Instant now) {
    return new UuidV7(InstantSource.fixed(now), new SplittableRandom(7));
  }

  @Test
  void manyAtOnceAreAsGoodAsOneByOne() {
    var ids = at(Instant.EPOCH).next(1000);
    assertThat(ids).doesNotHaveDuplicates().hasSize(1000).allMatch(id -> id.version() == 7);
  }
}
