package dev.sallyport.data.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkerSettingsTest {
  @Test
  void everyKeyHasThisDefault() {
    var settings = settings(Map.of());
    assertThat(settings.id()).isEmpty();
    assertThat(settings.address()).isEmpty();
    assertThat(address(settings).value()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://10.1.2.3:8080",
        "https://data-worker-0.example:443",
        "http://[fd00::1]:8080",
        "http://localhost:1",
        "http://localhost:65535",
      })
  void anAddressIsASchemeAHostAndAPort(String text) {
    assertThat(address(settings(Map.of("sallyport.worker.address", text))).value())
        .contains(URI.create(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.1.2.3:8080",
        "http://10.1.2.3",
        "http://:8080",
        "http://fd00::1:8080",
        "http://10.1.2.3:0",
        "http://10.1.2.3:65536",
        "http://10.1.2.3:8080/",
        "http://10.1.2.3:8080/api",
        "http://10.1.2.3:8080?a",
        "http://10.1.2.3:8080#a",
        "http://somebody@10.1.2.3:8080",
        "ftp://10.1.2.3:8080",
        "//10.1.2.3:8080",
        "http:10.1.2.3:8080",
        "http://$(POD_IP):8080",
        "not an address",
      })
  void anythingElseIsRefusedAndSaysWhatToSet(String text) {
    var settings = settings(Map.of("sallyport.worker.address", text));
    assertThatThrownBy(() -> address(settings))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("SALLYPORT_WORKER_ADDRESS must be http://host:port")
        .hasMessageEndingWith("not '" + text + "'.");
  }

  private static WorkerAddress address(WorkerSettings settings) {
    return new WorkerAddress(settings, new WorkerId(settings));
  }

  private static WorkerSettings settings(Map<String, String> values) {
    return new SmallRyeConfigBuilder()
        .withSources(new PropertiesConfigSource(values, "test", 100))
        .withMapping(WorkerSettings.class)
        .build()
        .getConfigMapping(WorkerSettings.class);
  }
}
