package dev.sallyport.user.binding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.model.ProblemType;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.StreamResetException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class BindingFailureTest {
  private static final boolean IDEMPOTENT = true;

  @Test
  void aConnectionThatWasNotMadeCarriedNothing() {
    for (var failure :
        List.of(
            new ConnectException("Connection refused"),
            new UnknownHostException("data-worker"),
            new UnresolvedAddressException())) {
      assertThat(BindingFailure.of(failure)).isEqualTo(BindingFailure.REFUSED);
    }
  }

  @Test
  void aFullQueueIsNotABrokenService() {
    assertThat(BindingFailure.of(new ConnectionPoolTooBusyException("full")))
        .isEqualTo(BindingFailure.OVERLOADED);
  }

  @Test
  void whateverElseHappensMayHaveHappenedAfterTheCallArrived() {
    for (var failure :
        List.of(
            new HttpClosedException("closed"),
            new StreamResetException(0),
            new IOException("Connection reset by peer"),
            new IllegalStateException("defect"))) {
      assertThat(BindingFailure.of(failure)).isEqualTo(BindingFailure.BROKEN);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "REFUSED,    true,  true,  BINDING_DOWN",
    "REFUSED,    false, true,  BINDING_DOWN",
    "NO_OWNER,   true,  true,  BINDING_DOWN",
    "NO_OWNER,   false, true,  BINDING_DOWN",
    "OVERLOADED, true,  true,  OVERLOADED",
    "OVERLOADED, false, true,  OVERLOADED",
    "BROKEN,     true,  true,  BINDING_DOWN",
    "BROKEN,     false, false, BINDING_DOWN",
    "TIMED_OUT,  true,  true,  BINDING_TIMEOUT",
    "TIMED_OUT,  false, false, BINDING_TIMEOUT"
  })
  void tryingAgainIsSuggestedOnlyWhereItCannotDoTheSameTwice(
      BindingFailure failure, boolean idempotent, boolean retryable, ProblemType type) {
    var problem = failure.problem(idempotent);
    assertThat(problem.retryable()).isEqualTo(retryable);
    assertThat(problem.type()).isEqualTo(type);
  }

  @ParameterizedTest
  @EnumSource
  void aRetryIsNeverSuggestedWithoutSayingWhen(BindingFailure failure) {
    assertThat(failure.problem(IDEMPOTENT).retryAfterSeconds()).isEqualTo("1");
  }
}
