package dev.sallyport.user.binding;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.StreamResetException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AttemptTest {
  static Stream<Throwable> anAddressThatFailed() {
    return Stream.of(
        new ConnectException(),
        new UnknownHostException(),
        new UnresolvedAddressException(),
        new ClosedChannelException(),
        new SSLHandshakeException(""),
        new IOException("Connection reset by peer"),
        new HttpClosedException("Connection was closed"),
        new TimeoutException(),
        new StreamResetException(1));
  }

  @ParameterizedTest
  @MethodSource("anAddressThatFailed")
  void whatAnAddressIsToBlameFor(Throwable cause) {
    assertThat(Attempt.isItsFault(cause)).isTrue();
  }

  static Stream<Throwable> noFaultOfTheAddress() {
    return Stream.of(
        new StreamResetException(0),
        new ConnectionPoolTooBusyException(""),
        new IllegalArgumentException("a header that cannot be sent"),
        new IllegalStateException("Client is closed"));
  }

  @ParameterizedTest
  @MethodSource("noFaultOfTheAddress")
  void whatAClientOrWeCanBringAboutStopsNobody(Throwable cause) {
    assertThat(Attempt.isItsFault(cause)).isFalse();
  }
}
