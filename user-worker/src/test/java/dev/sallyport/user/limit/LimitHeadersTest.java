package dev.sallyport.user.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LimitHeadersTest {
  private static final Bucket BUCKET = new Bucket("key", "address", Payer.Kind.ADDRESS, 100);

  private static MultiMap headers(Verdict verdict) {
    var headers = MultiMap.caseInsensitiveMultiMap();
    verdict.describe(headers);
    return headers;
  }

  @ParameterizedTest
  @CsvSource({
    "99, 0, 600000, 99, 1",
    "42, 0, 34800000, 42, 35",
    "0, 600000, 60000000, 0, 1",
    "0, 1, 60000000, 0, 1",
    "0, 1000001, 60000000, 0, 2",
    "60000000, 0, 0, 60000000, 0"
  })
  void theFieldsSayHowTheBudgetStands(long left, long next, long whole, long r, long t) {
    var headers = headers(new Verdict.Admitted(BUCKET, new Standing(true, left, next, whole)));
    assertThat(headers.getAll("RateLimit-Policy")).containsExactly("\"address\";q=100;w=60");
    assertThat(headers.getAll("RateLimit")).containsExactly("\"address\";r=" + r + ";t=" + t);
  }

  @Test
  void aRefusalSaysWhenTheNextIsAdmitted() {
    var refused = new Verdict.Refused(BUCKET, new Standing(false, 0, 2_400_001, 60_000_000));
    assertThat(headers(refused).get("RateLimit")).isEqualTo("\"address\";r=0;t=3");
    var problem = refused.refusal().orElseThrow();
    assertThat(problem.type().status()).isEqualTo(429);
    assertThat(problem.retryable()).isTrue();
    assertThat(problem.retryAfterSeconds()).isEqualTo("3");
  }

  @Test
  void whereNobodyCountedNothingIsSaid() {
    assertThat(headers(new Verdict.Uncounted())).isEmpty();
    assertThat(new Verdict.Uncounted().refusal()).isEmpty();
    assertThat(headers(new Verdict.Closed())).isEmpty();
    var closed = new Verdict.Closed().refusal().orElseThrow();
    assertThat(closed.type().status()).isEqualTo(503);
    assertThat(closed.retryAfter()).isEqualTo(Duration.ofSeconds(1));
  }
}
