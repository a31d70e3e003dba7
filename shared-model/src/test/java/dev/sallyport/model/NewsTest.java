package dev.sallyport.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class NewsTest {
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final News news = new News(nanos::get);

  @Test
  void theSameIsSaidOnceAMinute() {
    assertThat(news.is("a")).isTrue();
    nanos.addAndGet(News.STALE_AFTER.toNanos() - 1);
    assertThat(news.is("a")).isFalse();
    nanos.addAndGet(1);
    assertThat(news.is("a")).isTrue();
  }

  @Test
  void somethingElseIsSaidAtOnce() {
    assertThat(news.is("a")).isTrue();
    assertThat(news.is("b")).isTrue();
    assertThat(news.is("a")).isTrue();
  }

  @Test
  void afterItWasOverItIsNewsAgain() {
    assertThat(news.over()).isFalse();
    assertThat(news.is("a")).isTrue();
    assertThat(news.over()).isTrue();
    assertThat(news.over()).isFalse();
    assertThat(news.is("a")).isTrue();
  }
}
