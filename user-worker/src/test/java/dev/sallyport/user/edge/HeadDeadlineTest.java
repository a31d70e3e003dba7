package dev.sallyport.user.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HeadDeadlineTest {
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private long now;
  private int late;
  private final HeadDeadline deadline =
      new HeadDeadline(channel, Duration.ofSeconds(10), () -> now, () -> late++);

  HeadDeadlineTest() {
    channel.freezeTime();
  }

  private void pass(long seconds) {
    now += TimeUnit.SECONDS.toNanos(seconds);
    channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
  }

  @Test
  void aHeadThatIsNotThereInTimeIsLateOnce() {
    deadline.begin();
    pass(9);
    deadline.begin(); // another piece of it, which buys no time
    assertThat(late).isZero();
    pass(1);
    assertThat(late).isEqualTo(1);
    pass(30);
    assertThat(late).isEqualTo(1);
  }

  @Test
  void aHeadThatIsThereIsNotLate() {
    deadline.begin();
    pass(9);
    deadline.end();
    pass(30);
    assertThat(late).isZero();
  }

  @Test
  void theNextHeadHasItsOwnTime() {
    deadline.begin();
    pass(6);
    deadline.end();
    pass(1);
    deadline.begin();
    pass(9);
    assertThat(late).isZero();
    pass(1);
    assertThat(late).isEqualTo(1);
  }

  @Test
  void manyHeadsShareOneTimer() {
    for (int head = 0; head < 1_000; head++) {
      deadline.begin();
      deadline.end();
    }
    pass(10);
    assertThat(channel.hasPendingTasks()).isFalse();
    assertThat(channel.runScheduledPendingTasks()).isEqualTo(-1);
    assertThat(late).isZero();
  }

  @Test
  void theTimeInWhichWeDoNotReadIsOurs() {
    deadline.begin();
    channel.config().setAutoRead(false);
    pass(10);
    pass(10);
    assertThat(late).isZero();
    channel.config().setAutoRead(true);
    pass(10);
    assertThat(late).isEqualTo(1);
  }

  @Test
  void afterAStopNothingIsLeftToCome() {
    deadline.begin();
    deadline.stop();
    pass(30);
    assertThat(late).isZero();
    assertThat(channel.runScheduledPendingTasks()).isEqualTo(-1);
  }
}
