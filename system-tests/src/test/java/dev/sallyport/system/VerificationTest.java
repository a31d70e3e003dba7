package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A minute of {@code ./sallyport verify}. */
class VerificationTest {
  private static final System.Logger LOG = System.getLogger(VerificationTest.class.getName());

  @Test
  @Timeout(value = 6, unit = TimeUnit.MINUTES)
  void randomProgramsSurviveRandomFaultsForAMinute() throws Exception {
    long seed = ThreadLocalRandom.current().nextLong(1_000_000_000);
    LOG.log(Level.INFO, "./sallyport verify --minutes 1 --seed {0,number,#}", seed);
    var report = new Verification(Duration.ofMinutes(1), seed).run();
    report.figures().forEach((name, value) -> LOG.log(Level.INFO, "{0}: {1}", name, value));
    assertThat(report.violations()).as("seed %d", seed).isEmpty();
  }
}
