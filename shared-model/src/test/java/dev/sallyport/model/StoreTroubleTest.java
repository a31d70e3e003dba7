package dev.sallyport.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoreTroubleTest {
  private static String of(Throwable failure) {
    return StoreTrouble.sentence(failure, null);
  }

  @ParameterizedTest
  @CsvSource({
    "28P01, QUARKUS_DATASOURCE_PASSWORD",
    "28000, QUARKUS_DATASOURCE_USERNAME",
    "3D000, QUARKUS_DATASOURCE_REACTIVE_URL",
    "42501, provision",
    "53300, QUARKUS_DATASOURCE_REACTIVE_MAX_SIZE",
    "57P03, starting or stopping",
    "XX000, refuses"
  })
  void whatPostgresSaysBecomesWhatToDo(String sqlState, String todo) {
    assertThat(StoreTrouble.sentence(new IOException("FATAL: so"), sqlState))
        .contains(todo, "FATAL: so");
  }

  @Test
  void aPostgresThatIsTooOldIsNamedSo() {
    var said = new IOException("FATAL: unrecognized parameter \"transaction_timeout\"");
    assertThat(StoreTrouble.sentence(said, "42704")).contains("version 17");
  }

  @Test
  void aPostgresThatSaysNothingIsToldApart() {
    assertThat(of(new UnknownHostException("x"))).contains("not known");
    assertThat(of(new ConnectException("Connection refused: /1.2.3.4:5")))
        .contains("nothing listens");
    assertThat(of(new ConnectException("connection timed out: /1.2.3.4:5"))).contains("not answer");
    assertThat(of(new TimeoutException())).contains("does not answer");
    assertThat(of(new IOException("broken pipe"))).contains("broken pipe");
  }

  @Test
  void theSameTroubleHasTheSameWords() {
    assertThat(of(new UnknownHostException("x: Name or service not known")))
        .isEqualTo(of(new CompletionException(new UnknownHostException("x"))));
  }

  @Test
  void aPoolThatWeClosedIsNoTrouble() {
    assertThat(StoreTrouble.isOurStop(new CompletionException(new IOException("Pool closed"))))
        .isTrue();
    assertThat(StoreTrouble.isOurStop(new IOException("closed"))).isFalse();
  }
}
