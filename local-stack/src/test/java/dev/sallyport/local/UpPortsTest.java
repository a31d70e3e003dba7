package dev.sallyport.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpPortsTest {

  @Test
  void theDefaultsAreThoseOfTheDocumentation() {
    assertThat(UpPorts.from(Map.of()))
        .isEqualTo(new UpPorts(8080, 9000, 8081, 9001, 5542, 6479, 9192));
  }

  @Test
  void aVariableChangesItsPortAlone() {
    assertThat(UpPorts.from(Map.of("SALLYPORT_KAFKA_PORT", "1234", "SALLYPORT_REDIS_PORT", "")))
        .isEqualTo(new UpPorts(8080, 9000, 8081, 9001, 5542, 6479, 1234));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "65536", "-1", "http", "80 80", "9999999999"})
  void whatIsNoPortIsRefusedWithTheVariable(String text) {
    assertThatThrownBy(() -> UpPorts.from(Map.of("SALLYPORT_DATA_WORKER_PORT", text)))
        .hasMessageContainingAll("SALLYPORT_DATA_WORKER_PORT", "'" + text + "'");
  }

  @Test
  void aPortWantedTwiceIsRefusedWithBothVariables() {
    String port = Integer.toString(StackSettings.freePort());
    var ports =
        UpPorts.from(Map.of("SALLYPORT_USER_WORKER_PORT", port, "SALLYPORT_KAFKA_PORT", port));
    assertThatThrownBy(ports::requireFree)
        .hasMessageContainingAll("SALLYPORT_USER_WORKER_PORT", "SALLYPORT_KAFKA_PORT");
  }
}
