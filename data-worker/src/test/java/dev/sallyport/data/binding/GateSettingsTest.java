package dev.sallyport.data.binding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.data.binding.GateSettings.Trust;
import dev.sallyport.model.UnderWay;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GateSettingsTest {
  @Test
  void everyKeyHasThisDefault() {
    var settings = settings(Map.of());
    assertThat(settings.trust()).isEqualTo(Trust.SIGNED);
    assertThat(settings.signing().keys()).isEmpty();
    assertThat(settings.binding().name()).isEqualTo("BACKEND_SERVICE");
  }

  @Test
  void theNetworkIsTrustedOnlyWhereThatIsSaid() {
    assertThat(settings(Map.of("sallyport.trust", "network")).trust()).isEqualTo(Trust.NETWORK);
  }

  @Test
  void aWorkerWithoutAKeyRefusesToStartAndSaysWhatToSet() {
    assertThatThrownBy(() -> gate(settings(Map.of())))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("set SALLYPORT_SIGNING_KEYS")
        .hasMessageContaining("SALLYPORT_TRUST=network");
  }

  @Test
  void aKeyThatIsNoneIsNamedWithoutItsSecret() {
    assertThatThrownBy(() -> gate(settings(Map.of("sallyport.signing.keys", "k1:c2hvcnQ"))))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("SALLYPORT_SIGNING_KEYS: ")
        .hasMessageNotContaining("c2hvcnQ");
  }

  private static Gate gate(GateSettings settings) {
    var clock = Clock.systemUTC();
    return new Gate(
        settings,
        clock,
        new ClockSkew(clock),
        new RequestIds(clock),
        new UnderWay(),
        new SimpleMeterRegistry());
  }

  private static GateSettings settings(Map<String, String> values) {
    return new SmallRyeConfigBuilder()
        .withSources(new PropertiesConfigSource(values, "test", 100))
        .withMapping(GateSettings.class)
        .build()
        .getConfigMapping(GateSettings.class);
  }
}
